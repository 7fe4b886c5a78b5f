import pytest
from django.core.management import CommandError, call_command

from generation.management.commands.train_starter import arguments


def test_no_time_is_no_training():
    with pytest.raises(CommandError, match="--minutes must be more than 0"):
        call_command("train_starter", phase="text", minutes=0)


def test_the_work_folder_is_under_the_data_folder_by_default(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    options = {"work": None, "phase": "text", "look": "3d", "minutes": 1.0, "resume": True, "start": None}

    words = arguments(options)

    assert words[words.index("--work") + 1] == str(tmp_path / "training")
    assert words[-1] == "--resume"
