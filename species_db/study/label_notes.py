"""What limits the numbers of machine errors, in sentences."""

from collections.abc import Iterator

from species_db.language import tr
from species_db.study.judging import Judging
from species_db.study.label_words import TYPES, LabelNames
from species_db.study.machine import UNLABELLED
from species_db.study.read import Study

RARELY = 0.05  # how seldom so few would have been found if the share were larger


def notes_of(study: Study, judging: Judging, names: LabelNames) -> tuple[str, ...]:
    """The notes of an answer."""
    return (
        *study.left_out.notes(),
        tr(
            "The review queue goes by value, not by chance. Measured rates hold for unreviewed "
            "events only where those reviewed were taken at random; take the reviews asked for "
            "here at random from the events of the label.",
            "审核队列按价值而非随机排序。只有随机抽取审核的事件，其正确率才适用于未审核事件；"
            "此处要求的审核请从该标签的事件中随机抽取。",
        ),
        tr(
            "Labels of other animals are taken to hide a taxon as often as people found it under "
            "them, all together where that was seldom; blanks, people and vehicles only where it "
            "was found in them; labels of other animals that nobody has looked at never.",
            "其他动物的标签按审核中发现该分类单元的比例计入，少见者合并计算；"
            "空拍、人员、车辆仅在其中发现过时计入；尚无人审核的其他动物标签不计。",
        ),
        tr(
            "After the reviews told, a conclusion is settled in about four cases of five.",
            "完成所列审核后，约五次中有四次可以确定结论。",
        ),
        *_nothing_found(judging, names),
        *_left_out(study, judging),
        tr(
            "Presence is that in camera records of these dates; field records are not looked at.",
            "“有无分布”仅指所选日期内的相机记录，未计野外记录。",
        ),
    )


def _nothing_found(judging: Judging, names: LabelNames) -> Iterator[str]:
    """What blanks, people and vehicles may hide where no animal was found in them."""
    for key, tally in judging.carrier.whole.tallies.items():
        waiting, looked_at = sum(tally.waiting.values()), tally.looked_at
        is_named = names.labels[key].taxon_id or names.labels[key].may_be_any
        if is_named or not waiting or any(found - TYPES for found in tally.found):
            continue
        label = names.in_words((key,))
        if not looked_at:
            yield tr(
                f"{waiting:,} independent events labelled {label}, none of which anybody has "
                "looked at: what they hide is not known and in no range here.",
                f"{waiting:,} 个独立事件标为“{label}”，无人审核：漏检多少不明，未计入任何区间。",
            )
            continue
        share = 1 - RARELY ** (1 / looked_at)
        yield tr(
            f"{waiting:,} independent events labelled {label} wait; of {looked_at:,} looked at "
            f"none held a named animal, so up to {share:.1%} may (95 %), in no range here.",
            f"{waiting:,} 个独立事件标为“{label}”未审核；已审核的 {looked_at:,} 个中"
            f"无定名动物，故至多 {share:.1%} 可能有（95%），未计入任何区间。",
        )


def _left_out(study: Study, judging: Judging) -> Iterator[str]:
    machine, whole = judging.machine, judging.carrier.whole
    is_bare = machine.records.taxa == UNLABELLED
    bare = int((is_bare & ~machine.records.is_confirmed).sum())
    if bare:
        yield tr(
            f"{bare:,} unreviewed events have no label from any model and are in no number; "
            "run 'namcha detect' or review them.",
            f"{bare:,} 个未审核事件没有任何模型的标签，未计入任何数字；"
            "请运行 namcha detect 或人工审核。",
        )
    left_open = sum(one.left_open for one in whole.tallies.values())
    if left_open:
        yield tr(
            f"{left_open:,} labelled events were looked at by people who could not name the animal "
            "at the rank asked for; they measure nothing.",
            f"{left_open:,} 个有标签的事件经审核但未能定名到所要求的阶元，不用于衡量误差。",
        )
    outside = sum(
        n
        for tally in whole.tallies.values()
        for unit, n in tally.waiting.items()
        if not study.effort.get(unit, 0.0) > 0
    )
    if outside:
        yield tr(
            f"{outside:,} unreviewed events lie at units without known effort and are in no index.",
            f"{outside:,} 个未审核事件所在单元的工作量不明，未计入指数。",
        )
    if machine.models:
        told = ", ".join(machine.models)
        yield tr(
            f"Several model versions have spoken, each measured by itself: {told}.",
            f"有多个模型版本，各自衡量误差：{told}。",
        )
