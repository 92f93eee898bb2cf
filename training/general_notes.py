"""What the cards of the shipped weights say besides their numbers, in Chinese and English."""

from training.card import Stage

HISTORY = (
    Stage(
        commands=(
            "python -m training.train detector/data.yaml weights/yolov5n.pt RUN1 "
            "--image-size 448 --epochs 24 --hours 1.25 --learned-share 0.25",
            "python -m training.blend RUN1/weights/last.pt weights/yolov5n.pt "
            "RUN1/weights/blended.pt --start-share 0.75",
        ),
        epochs=8,
        image_size=448,
        minutes=31,
        seed=7,
    ),
    Stage(
        commands=(
            "python -m training.train detector/data.yaml RUN1/weights/blended.pt RUN2 "
            "--image-size 512 --epochs 9 --hours 0.68 --learning-rate 0.0005 "
            "--learned-share 0.05 --whole-photo-epochs 3",
            "python -m training.blend RUN2/weights/last.pt weights/yolov5n.pt "
            "RUN2/weights/blended.pt --start-share 0.25",
        ),
        epochs=9,
        image_size=512,
        minutes=41,
        seed=7,
    ),
)
SITES = (
    "`val` 与训练照片来源不同（只有一处来源相同，但地点不同）；`val_photos` "
    "与训练照片同源，"
    "因此偏乐观。最好的一轮是在 `val` 上挑选的，停止训练也看 `val`，所以它的数字偏乐观。",
    "`val` shares no source with the training photos, except one with other sites; `val_photos` "
    "shares its source with them and flatters. The best epoch was picked on `val` and training "
    "stopped by it, so its figures flatter.",
)
TEACHER = (
    "`val` 中多数人和车的方框由起始权重（YOLOv5n-COCO）提出、再经人工查看，因此对起始权重有利。"
    "训练时又请起始权重补标了照片背景中的人和车（得分 0.6 以上），并把没有动物的局部裁作空照片。",
    "Most boxes of people and vehicles in `val` were proposed by the start weights themselves and "
    "then looked at, which favours the start weights. In training the start weights were asked "
    "again for people and vehicles in the back (score 0.6 and above), and pieces of photos without "
    "animals were cut out as blanks.",
)
NOTES = (
    SITES,
    TEACHER,
    (
        "第 3 步计划 14 轮，5 轮后被人工停止；取最好的一轮与 1.0.0 版按 0.4 : 0.6 "
        "混合，份额在 `val` 上选定。随后移动各类的偏置，使同一个阈值 0.2 适合三类。",
        "Step 3 was planned for 14 epochs and stopped by hand after 5; its best epoch was mixed "
        "with version 1.0.0 at 0.4 to 0.6, a share chosen on `val`. The biases of the labels were "
        "then moved so that one threshold of 0.2 suits all three.",
    ),
    (
        "`darkened` 是同样的照片，人为变灰、加闪光衰减、噪点、模糊和信息条（training/night.py，"
        "固定种子），用来代替稀少的夜间照片；真实夜间的数字见 `grey`。",
        "`darkened` are the same photos made grey, with the fall-off of a flash, noise, blur and "
        "info bars (training/night.py, fixed seed), in place of scarce photos by night; those that "
        "are really grey stand under `grey`.",
    ),
    (
        "第 1、2 步即 1.0.0 版：第 1 步在 8 轮后被人工停止，第 2 步的最后一轮因时间限制"
        "只完成了一部分；灰度副本的规则后来收紧过。因此重跑不会逐位相同。",
        "Steps 1 and 2 are version 1.0.0: step 1 was stopped by hand after 8 epochs, the last "
        "epoch of step 2 was cut short by its time limit, and the rule for grey copies became "
        "stricter later. A repetition will not match bit by bit.",
    ),
)
OPEN_NOTES = (
    SITES,
    TEACHER,
    (
        "与起始权重相比没有明显进步，空照片误报更多。起始权重本身由 COCO 照片训练而来，"
        "那些照片的许可由 Flickr 作者各自决定。",
        "It is no clear step beyond the start weights, and flags more blanks. The start weights "
        "themselves were trained on the photos of COCO, whose licences their authors chose.",
    ),
    (
        "`darkened` 是同样的照片，人为变灰、加闪光衰减、噪点、模糊和信息条（training/night.py，"
        "固定种子），用来代替稀少的夜间照片；真实夜间的数字见 `grey`。",
        "`darkened` are the same photos made grey, with the fall-off of a flash, noise, blur and "
        "info bars (training/night.py, fixed seed), in place of scarce photos by night; those that "
        "are really grey stand under `grey`.",
    ),
    (
        "只用许可明确开放的照片训练：人和车极少，精度低于 `general`。只有在许可要求如此时才选用："
        "`namcha models use general-open`。",
        "Trained on openly licensed photos alone: there are very few people and vehicles, and it "
        "is weaker than `general`. For those whose licences ask for it: "
        "`namcha models use general-open`.",
    ),
)
KNOWN_GAPS = (
    (
        "训练照片里没有雪豹、羚牛、鬣羚、斑羚、麝、牦牛、豺，也没有喜马拉雅的雉类。",
        "No snow leopard, takin, serow, goral, musk deer, yak, dhole or Himalayan pheasant was in "
        "the training photos.",
    ),
    (
        "家畜和熊很少，没有野猪。不检测鱼、昆虫和爬行动物。",
        "Few livestock and bears, no wild boar. Fish, insects and reptiles are not looked for.",
    ),
    (
        "人和车的照片少，多为白天的普通照片；夜间红外照片里的人和车没有验证过。",
        "Photos of people and vehicles are few, and mostly ordinary ones by day; people and "
        "vehicles in infrared light are untested.",
    ),
    (
        "很小或被遮挡的动物常被漏掉：没有方框不等于没有动物。",
        "Small or hidden animals are often missed: no box does not mean no animal.",
    ),
)
