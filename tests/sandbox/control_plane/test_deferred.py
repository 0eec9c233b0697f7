"""What takes moto long to load is loaded for those who ask for it, and only for them."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BEGIN = """
import os, sys
os.environ["MOTO_ACCOUNT_ID"] = "123456789012"
from sandbox.control_plane.deferred import Deferred
extended = []
deferred = Deferred({"cloudformation": lambda: extended.append(1)})
deferred.install()
"""


def printed(code: str) -> object:
    """What a process of its own prints at last, as JSON."""
    ended = subprocess.run([sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_control_plane_starts_without_cloudformation():
    loaded = printed(
        "import json\n"
        "from sandbox.control_plane import application, queue_messages, snapshot, strictness\n"
        "print(json.dumps([name for name in ('moto.cloudformation', 'moto.ec2', 'pydantic') if name in sys.modules]))"
    )
    assert loaded == []


def test_templates_are_extended_once_when_cloudformation_is_asked_for():
    code = "for service in ('lambda', *2 * ('cloudformation',)): deferred.ready(service)\nprint(len(extended))"
    assert printed(code) == 1


def test_cloudformation_is_loaded_without_instance_types_and_the_openapi_validator():
    code = (
        "import moto.cloudformation.parsing, json\nfrom moto.ec2.models import instance_types\n"
        "print(json.dumps([len(instance_types.INSTANCE_TYPES), 'pydantic' in sys.modules]))"
    )
    assert printed(code) == [0, False]


def test_instance_types_are_there_for_who_asks_for_ec2():
    """In the objects that other modules took before."""
    code = (
        "import moto.cloudformation.parsing, json\nfrom moto.ec2.models import instances, instance_types\n"
        "held = instances.INSTANCE_TYPE_OFFERINGS\ndeferred.ready('ec2')\n"
        "print(json.dumps(['t3.micro' in instance_types.INSTANCE_TYPES, len(held['region']['us-east-1']) > 100,\n"
        "    held is instance_types.INSTANCE_TYPE_OFFERINGS]))"
    )
    assert printed(code) == [True, True, True]


def test_an_openapi_document_is_still_validated():
    code = (
        "from moto.apigateway import models\nimport json\n"
        "def refused(document):\n"
        "    try: models.validate(document)\n"
        "    except models.OpenAPIValidationError: return True\n"
        "    return False\n"
        "good = {'openapi': '3.0.0', 'info': {'title': 'a', 'version': '1'}, 'paths': {}}\n"
        "print(json.dumps([refused(good), refused({'openapi': '3.0.0', 'info': {}, 'paths': {}})]))"
    )
    assert printed(code) == [False, True]


def test_a_routers_rules_still_build_urls_for_whoever_asks():
    """Their functions are compiled then."""
    code = (
        "from werkzeug.routing import Map, Rule\nimport json\n"
        "urls = Map([Rule('/a/<name>', endpoint='a')]).bind('localhost')\n"
        "print(json.dumps([urls.build('a', {'name': 'b', 'c': 'd'}), urls.match('/a/b')]))"
    )
    assert printed(code) == ["/a/b?c=d", ["a", {"name": "b"}]]


def test_models_are_found_without_looking_into_the_folders_of_all_services():
    """A list of what botocore has is the list of its folders."""
    code = (
        "import json\nfrom moto.core import utils\nmodel = utils.get_service_model('apigatewayv2')\n"
        "loader = utils.create_loader()\n"
        "names = loader.list_available_services('service-2')\n"
        "print(json.dumps([model.service_name, loader is utils.create_loader(), {*names} >= {'dynamodb', 'lambda'}]))"
    )
    assert printed(code) == ["apigatewayv2", True, True]
