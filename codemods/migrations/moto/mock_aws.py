"""moto 5 has one `mock_aws` for all services; `mock_s3` and the like raise `ImportError` there.

It is used in the same ways, as a decorator, as a context and by `start` and `stop`. Where several services
were mocked at once, one `mock_aws` is left. `mock_lambda` and `mock_batch` run in Docker as before. A module
that looks into a mock (`with mock_s3() as mock: mock.backends`) is left to a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods import names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

_SERVICES = (
    *("acm", "acmpca", "amp", "apigateway", "apigatewaymanagementapi", "apigatewayv2", "appconfig"),
    *("applicationautoscaling", "appsync", "athena", "autoscaling", "backup", "batch", "budgets", "ce"),
    *("cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "codebuild", "codecommit"),
    *("codepipeline", "cognitoidentity", "cognitoidp", "comprehend", "config", "databrew"),
    *("datapipeline", "datasync", "dax", "dms", "ds", "dynamodb", "dynamodbstreams", "ebs", "ec2"),
    *("ec2instanceconnect", "ecr", "ecs", "efs", "eks", "elasticache", "elasticbeanstalk"),
    *("elastictranscoder", "elb", "elbv2", "emr", "emrcontainers", "emrserverless", "es", "events"),
    *("firehose", "forecast", "glacier", "glue", "greengrass", "guardduty", "iam", "identitystore"),
    *("inspector2", "iot", "iotdata", "kinesis", "kinesisvideo", "kinesisvideoarchivedmedia", "kms"),
    *("lakeformation", "lambda", "logs", "mediaconnect", "medialive", "mediapackage", "mediastore"),
    *("mediastoredata", "meteringmarketplace", "mq", "neptune", "opensearch", "opsworks"),
    *("organizations", "panorama", "personalize", "pinpoint", "polly", "quicksight", "ram", "rds"),
    *("rdsdata", "redshift", "redshiftdata", "rekognition", "resourcegroups"),
    *("resourcegroupstaggingapi", "robomaker", "route53", "route53resolver", "s3", "s3control"),
    *("sagemaker", "sagemakerruntime", "scheduler", "sdb", "secretsmanager", "servicediscovery"),
    *("servicequotas", "ses", "sesv2", "signer", "sns", "sqs", "ssm", "ssoadmin", "stepfunctions"),
    *("sts", "support", "swf", "textract", "timestreamwrite", "transcribe", "wafv2", "xray"),
)

ABOUT = About(
    title="Mock AWS as moto 5 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="All services are mocked, so that a test that reached a real one beside them does not any more.",
    references=(
        "https://github.com/getmoto/moto/blob/master/CHANGELOG.md",
        "https://docs.getmoto.org/en/latest/docs/getting_started.html",
    ),
    needles=(b"moto",),
    pattern=rb"\bmock_(?!aws\b)[a-z0-9]+\b",
    minutes=2,
    crosses=">=5",
    since="5.0.0",
)

_NEW = "moto.mock_aws"
_NAMES = {f"moto.mock_{service}": _NEW for service in _SERVICES}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with one `mock_aws` in place of the mocks of the services."""
    if any(_is_looked_into(item, module) for item in nodes.of(module).all(cst.WithItem)):
        return module
    result = renamed.names_in(module, _NAMES)
    return result if result is module else _without_repetition(result)


def _is_looked_into(item: cst.WithItem, module: cst.Module) -> bool:
    """Say whether a ``with`` binds the mock of a service to a name that something uses."""
    if item.asname is None or not isinstance(item.item, cst.Call):
        return False
    is_mock = names.of(module).qualified(item.item.func) in _NAMES
    bound = item.asname.name
    known = names.of(module)
    return is_mock and not (isinstance(bound, cst.Name) and len(known.uses(bound.value)) <= 1)


def _without_repetition(module: cst.Module) -> cst.Module:
    """Return a module in which no function, class or ``with`` mocks AWS twice."""
    seen = nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    every: list[cst.FunctionDef | cst.ClassDef] = [*seen.all(cst.FunctionDef), *seen.all(cst.ClassDef)]
    for node in every:
        once = _once(node.decorators, module)
        if len(once) < len(node.decorators):
            changes[node] = _decorated(once)
    return nodes.replaced(module, changes)


def _once(every: Sequence[cst.Decorator], module: cst.Module) -> list[cst.Decorator]:
    kept: list[cst.Decorator] = []
    for decorator in every:
        is_again = _is_mock(decorator, module) and any(_is_mock(other, module) for other in kept)
        if not is_again or nodes.comments(decorator):
            kept.append(decorator)
    return kept


def _is_mock(decorator: cst.Decorator, module: cst.Module) -> bool:
    called = decorator.decorator
    if isinstance(called, cst.Call) and not called.args:
        called = called.func
    return names.of(module).qualified(called) == _NEW


def _decorated(once: Sequence[cst.Decorator]) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        return updated.with_changes(decorators=once)

    return change
