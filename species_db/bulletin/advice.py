"""What a month's facts ask for, by rules that anybody can check; nothing else is advised."""

from species_db.bulletin.parts import (
    Advice,
    AdviceRule,
    CameraPart,
    EffortPart,
    FrontPart,
    PressurePart,
    WarningPart,
)


def advise(
    *,
    effort: EffortPart,
    fronts: FrontPart,
    warnings: WarningPart,
    cameras: CameraPart,
    pressure: PressurePart,
) -> tuple[Advice, ...]:
    """The rules of `AdviceRule` that hold, in their order, each with how many ask for it.

    Only what is counted elsewhere on the page can be advised, so that no advice tells more than
    the page. When no rule holds, that is said.
    """
    counts = {
        AdviceRule.OVERDUE: warnings.overdue,
        AdviceRule.POACHING: pressure.poaching,
        AdviceRule.NEW_FRONT: fronts.new_places,
        AdviceRule.FOLLOW_UP: fronts.due,
        AdviceRule.SERVICE: cameras.to_service,
        AdviceRule.CARDS: cameras.cards_waiting + cameras.imports_unfinished,
        AdviceRule.REVIEW: effort.waiting,
        AdviceRule.NO_EFFORT: int(effort.now.camera_days is None),
    }
    told = tuple(Advice(rule, counts[rule]) for rule in AdviceRule if counts.get(rule))
    return told or (Advice(AdviceRule.ROUTINE, 0),)
