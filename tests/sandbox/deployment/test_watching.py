"""What a change of a file is deployed as: an asset of its own, a synthesis of its app, or of all."""

import json

import pytest

from sandbox.deployment.assembly import FileAsset, StackArtifact
from sandbox.deployment.errors import StackError
from sandbox.deployment.sources import changed, files, stamps
from sandbox.deployment.watching import Watched


class World:
    """A project of one app with a function and a layer, its assembly, and what was deployed of it."""

    def __init__(self, folder):
        self.project = folder / "project"
        self.write("services/talk/lambda/app/handler.py", "answer = 1\n")
        self.write("services/talk/infrastructure/app.py", "")
        self.write("services/shared/words/text.py", "word = 1\n")
        self.write("requirements/light.lock", "")
        self._folder = folder
        self.synthesised: list[list[str] | None] = []
        self.deployed: list[tuple[str, dict]] = []
        self.refusal: StackError | None = None

    def write(self, path, text):
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def watched(self):
        watched = Watched(self.project, synthesise=self.synthesise, read=self.read, deploy=self.deploy)
        watched.begin()
        return watched

    def synthesise(self, apps):
        self.synthesised.append(sorted(apps) if apps is not None else None)
        assembly = self._folder / f"assembly-{len(self.synthesised)}"
        for source, inside in (("services/talk/lambda", "asset.code"), ("services/shared", "asset.layer/python")):
            for name, path in files(self.project / source).items():
                place = assembly / inside / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())
        definition = (self.project / "services/talk/infrastructure/app.py").read_text()
        template = {"Code": "code.zip", "Layer": "layer.zip", "Definition": definition}
        (assembly / "talk.template.json").write_text(json.dumps(template))
        return {"talk": assembly}

    def read(self, assemblies):
        folder = assemblies["talk"]
        template = folder / "talk.template.json"
        assets = (
            FileAsset(path=template, packaging="file", bucket="b", object_key="template.json"),
            FileAsset(path=folder / "asset.code", packaging="zip", bucket="b", object_key="code.zip"),
            FileAsset(path=folder / "asset.layer", packaging="zip", bucket="b", object_key="layer.zip"),
        )
        return [StackArtifact(name="talk", template=template, assets=assets, depends_on=())]

    def deploy(self, stacks):
        (stack,) = stacks
        if self.refusal is not None:
            raise self.refusal
        content = {
            f"{asset.object_key}:{name}": path.read_text()
            for asset in stack.assets if asset.packaging == "zip"
            for name, path in files(asset.path).items()
        }  # fmt: skip
        template = json.loads(stack.template.read_text())
        assert {asset.object_key for asset in stack.assets} >= {template["Code"], template["Layer"]}
        self.deployed.append((template["Definition"], {key.partition(":")[2]: text for key, text in content.items()}))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_code_is_deployed_without_a_synthesis(world):
    """A function's and a layer's, each in its place of the asset; the rest is as it was synthesised."""
    watched = world.watched()
    handler = world.write("services/talk/lambda/app/handler.py", "answer = 2\n")
    assert watched.follow([handler]) == ["talk"]
    text = world.write("services/shared/words/text.py", "word = 2\n")
    more = world.write("services/shared/words/more.py", "word = 3\n")
    assert watched.follow([text, more]) == ["talk"]
    assert world.synthesised == [None]
    assert world.deployed == [
        ("", {"app/handler.py": "answer = 1\n", "python/words/text.py": "word = 1\n"}),
        ("", {"app/handler.py": "answer = 2\n", "python/words/text.py": "word = 1\n"}),
        ("", {"app/handler.py": "answer = 2\n", "python/words/text.py": "word = 2\n",
              "python/words/more.py": "word = 3\n"}),
    ]  # fmt: skip


def test_code_as_it_was_is_deployed_as_it_was(world):
    """And what is the same as what is deployed is not deployed again."""
    watched = world.watched()
    handler = world.write("services/talk/lambda/app/handler.py", "answer = 2\n")
    watched.follow([handler])
    world.write("services/talk/lambda/app/handler.py", "answer = 1\n")
    assert watched.follow([handler]) == ["talk"]
    assert watched.follow([handler]) == []
    assert world.deployed[0] == world.deployed[2]


@pytest.mark.parametrize(
    ("path", "apps"),
    [
        ("services/talk/infrastructure/app.py", ["talk"]),
        ("services/cdk_common/alarms.py", None),
        ("requirements/light.lock", None),
    ],
)
def test_a_definition_is_synthesised_of_one_app_or_of_all(world, path, apps):
    """As much as it can matter to."""
    watched = world.watched()
    watched.follow([world.write(path, "# new\n")])
    assert world.synthesised == [None, apps]


def test_a_deployment_that_failed_is_tried_again_with_the_next_change(world):
    """Whatever that is."""
    watched = world.watched()
    handler = world.write("services/talk/lambda/app/handler.py", "answer = 2\n")
    world.refusal = StackError("talk", "UPDATE_ROLLBACK_COMPLETE", "Function: no")
    with pytest.raises(StackError, match="UPDATE_ROLLBACK_COMPLETE: Function: no"):
        watched.follow([handler])
    world.refusal = None
    assert watched.follow([handler]) == ["talk"]
    assert world.deployed[-1][1]["app/handler.py"] == "answer = 2\n"


def test_what_is_no_code_is_not_seen(world):
    """Caches, hidden files and an editor's copies."""
    before = stamps(world.project)
    for path in ("app/__pycache__/handler.pyc", ".handler.py.swp", "app/handler.py~", ".idea/workspace.xml"):
        world.write(f"services/talk/lambda/{path}", "x")
    assert stamps(world.project) == before
    new = world.write("services/talk/lambda/app/new.py", "")
    assert changed(before, stamps(world.project)) == [new]
    new.unlink()
    (world.project / "requirements/light.lock").unlink()
    assert changed(before, stamps(world.project)) == [world.project / "requirements/light.lock"]
