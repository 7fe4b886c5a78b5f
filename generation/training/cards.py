"""What the model pages of the starter set say. Kept apart from the code that measures and packs."""

ATTRIBUTION = {
    "3d": "Trained on Fluent Emoji 3D by Microsoft (MIT), names from emojibase (MIT).",
    "flat": "Trained on Fluent Emoji Flat by Microsoft (MIT), names from emojibase (MIT).",
    "line": "Trained on Fluent Emoji High Contrast by Microsoft (MIT), names from emojibase (MIT).",
}
SETTINGS = {"steps": 12, "guidance": 2.0, "sampler": "dpmpp_2m", "width": 128, "height": 128}
CANNOT_EN = (
    "It knows about 590 everyday things, one at a time, in one pose each, at 128 pixels; it cannot draw scenes, "
    "several things together, text, or anything it was not shown. Seeds change details, not the layout."
)
CANNOT_ZH = (
    "它认识约590种日常事物，每次只画一个，姿态固定，尺寸为128像素；不能画场景、多个物体、文字或没学过的东西。"
    "换种子只会改变细节，不会改变构图。"
)

CARDS = [
    {
        "slug": "starter-3d",
        "look": "3d",
        "kind": "checkpoint",
        "name": {"en": "Starter 3D icons", "zh": "入门 · 3D 图标"},
        "description": {
            "en": "A small model trained from scratch that draws glossy 3D icons from English or Chinese words, "
            "with colour and background words. " + CANNOT_EN,
            "zh": "从零训练的小模型，按中文或英文词语画立体图标，能听懂颜色和背景。" + CANNOT_ZH,
        },
        "trigger_words": ["3d icon", "3D图标"],
        "example_prompts": {
            "en": ["a red apple", "a rocket", "a blue apple, 3d icon", "panda on a pink background", "guitar"],
            "zh": ["一只猫", "雪人", "向日葵，3D图标", "紫色的汽车", "草莓，蓝色背景"],
        },
    },
    {
        "slug": "starter-flat",
        "look": "flat",
        "kind": "checkpoint",
        "name": {"en": "Starter flat icons", "zh": "入门 · 扁平图标"},
        "description": {
            "en": "The starter model taught to draw flat icons in plain colours, in English or Chinese. " + CANNOT_EN,
            "zh": "入门模型的扁平风格版本：纯色、简洁的图标，支持中文和英文。" + CANNOT_ZH,
        },
        "trigger_words": ["flat icon", "扁平图标"],
        "example_prompts": {
            "en": ["a red apple", "owl", "sailboat, flat icon", "green car", "tulip"],
            "zh": ["企鹅", "彩虹", "房子，扁平图标", "蓝色的蝴蝶", "生日蛋糕"],
        },
    },
    {
        "slug": "starter-line",
        "look": "line",
        "kind": "lora",
        "base": "starter-3d",
        "name": {"en": "Starter line art (LoRA)", "zh": "入门 · 线条画（LoRA）"},
        "description": {
            "en": "A LoRA for Starter 3D icons that turns its pictures into black line drawings on white. "
            "Use weight 1.0; at lower weights it only darkens the edges.",
            "zh": "配合“入门 · 3D 图标”使用的 LoRA，把图标画成白底黑线。建议权重为 1.0，较低时只会加深边缘。",
        },
        "trigger_words": ["line icon", "线条图标"],
        "example_prompts": {
            "en": ["an apple, line icon", "cat, line art", "a house, line icon"],
            "zh": ["苹果，线条图标", "猫，线稿", "汽车，线条图标"],
        },
    },
    {
        "slug": "starter-edges",
        "look": "3d",
        "kind": "controlnet",
        "base": "starter-3d",
        # Whose lines the samples follow.
        "guides": ["red apple", "cat face", "guitar", "rocket", "strawberry", "automobile"],
        "name": {"en": "Starter edges (ControlNet)", "zh": "入门 · 边缘控制（ControlNet）"},
        "description": {
            "en": "A ControlNet for Starter 3D icons: choose a guide picture and the preprocessor “edges”: the thing "
            "you name is drawn along its outlines, turned or mirrored as they are. Place, size and outline are "
            "followed; fine lines inside, such as faces, are not. Use weight 1.0 at 128 pixels.",
            "zh": "配合“入门 · 3D 图标”使用的 ControlNet：选择一张引导图并用“边缘”预处理，画出的物体会沿着它的轮廓，"
            "位置、大小和方向都随之改变。能遵循外形，但内部的细线（如五官）跟不上。建议权重 1.0，尺寸 128 像素。",
        },
        "trigger_words": [],
        "example_prompts": {
            "en": ["a blue apple", "cat face", "guitar"],
            "zh": ["火箭", "草莓", "绿色的汽车"],
        },
    },
]
