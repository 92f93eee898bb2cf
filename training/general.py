"""How the shipped `general` weights came about: run this after the training on their card."""

import argparse
from pathlib import Path

from training.card import Stage
from training.ship import Shipment, ship_weights

FIRST_STAGE = Stage(
    commands=(
        "python -m training.train detector/data.yaml weights/yolov5n.pt RUN1 --image-size 448 "
        "--epochs 24 --hours 1.25 --learned-share 0.25",
        "python -m training.blend RUN1/weights/last.pt weights/yolov5n.pt RUN1/weights/blended.pt "
        "--start-share 0.75",
    ),
    epochs=8,
    image_size=448,
    minutes=31,
    seed=7,
)
LAST_COMMANDS = (
    "python -m training.train detector/data.yaml RUN1/weights/blended.pt RUN2 --image-size 512 "
    "--epochs 9 --hours 0.68 --learning-rate 0.0005 --learned-share 0.05 --whole-photo-epochs 3",
    "python -m training.blend RUN2/weights/last.pt weights/yolov5n.pt RUN2/weights/blended.pt "
    "--start-share 0.25",
)
NOTES = (
    (
        "`val` 与训练照片来源不同(只有一处来源相同,但地点不同);`val_photos` 与训练照片同源,"
        "因此偏乐观。混入起始权重的份额也是在 `val` 上选定的。",
        "`val` shares no source with the training photos, except one with other sites; "
        "`val_photos` shares its source with them and flatters. The shares of start weights that "
        "were mixed in were chosen on `val` too.",
    ),
    (
        "`val` 中多数人和车的方框由起始权重(YOLOv5n-COCO)提出、再经人工查看,因此对起始权重有利。",
        "Most boxes of people and vehicles in `val` were proposed by the start weights themselves "
        "and then looked at, which favours the start weights.",
    ),
    (
        "第 1 步在 8 轮后被人工停止;第 2 步的最后一轮因时间限制只完成了一部分。灰度副本的规则在"
        "第 1 步之后收紧过(167 张变为 153 张),因此重跑不会逐位相同。",
        "Step 1 was stopped by hand after 8 epochs; the last epoch of step 2 was cut short by its "
        "time limit. The rule for grey copies became stricter later (153 instead of 167), so a "
        "repetition will not match bit by bit.",
    ),
)
KNOWN_GAPS = (
    (
        "训练照片里没有雪豹、羚牛、鬣羚、斑羚、麝、牦牛、豺,也没有喜马拉雅的雉类。",
        "No snow leopard, takin, serow, goral, musk deer, yak, dhole or Himalayan pheasant was in "
        "the training photos.",
    ),
    (
        "家畜和熊很少,没有野猪。不检测鱼、昆虫和爬行动物。",
        "Few livestock and bears, no wild boar. Fish, insects and reptiles are not looked for.",
    ),
    (
        "人和车的照片少,多为白天的普通照片;夜间红外照片里的人和车没有验证过。",
        "Photos of people and vehicles are few, and mostly ordinary ones by day; people and "
        "vehicles in infrared light are untested.",
    ),
    (
        "很小或被遮挡的动物常被漏掉:没有方框不等于没有动物。",
        "Small or hidden animals are often missed: no box does not mean no animal.",
    ),
)


def main() -> None:
    """Ship a trained checkpoint as `general`, measured on the photos beside its data set."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trained", type=Path)
    parser.add_argument("data_yaml", type=Path)
    parser.add_argument("start_weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", default="1.0.0")
    given = parser.parse_args()
    ship_weights(
        given.trained,
        given.data_yaml,
        folder=given.folder,
        shipment=Shipment(
            "general",
            given.version,
            LAST_COMMANDS,
            earlier_stages=(FIRST_STAGE,),
            notes=NOTES,
            known_gaps=KNOWN_GAPS,
        ),
        start_weights=given.start_weights,
        extra_photos={"val_photos": given.data_yaml.parent / "images" / "val_photos"},
    )


if __name__ == "__main__":
    main()
