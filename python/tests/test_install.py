"""`pip install ./python`, in an environment of its own."""

import sys
import zipfile
from pathlib import Path

from places import HOME, Place


def test_the_wheel_holds_python_alone_and_runs_away_from_any_checkout(place: Place, tmp_path: Path) -> None:
    built = place.run(place.uv, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path / "wheels"), str(HOME))
    assert built.code == 0, built.said
    (wheel,) = (tmp_path / "wheels").glob("bucketworks-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"bucketworks", "scripts"}
    assert {"bucketworks/py.typed", "scripts/mlops/py.typed", "scripts/mlops/bucket_validator.py"} <= set(names)
    assert "scripts/__init__.py" not in names
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    for step in [
        [place.uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(environment)],
        [place.uv, "pip", "install", "--quiet", "--no-deps", "--python", str(python), str(wheel)],
    ]:
        ended = place.run(*step)
        assert ended.code == 0, ended.said
    away = {"PATH": "/nowhere", "BUCKETWORKS": ""}
    ended = place.run(str(environment / "bin" / "bucket-validator"), "--config", "a.yaml", env=away, folder=tmp_path)
    assert ended.code == 3
    assert (
        ended.said == "the command bucketworks isn't on PATH; set BUCKETWORKS to it, or to a checkout of Bucketworks\n"
    )
    script = "import scripts.mlops.bucket_provisioner as p; print(p.MLOpsBucketProvisioner.__module__)"
    assert place.run(str(python), "-c", script, folder=tmp_path).output == "bucketworks.bucket_provisioner\n"
