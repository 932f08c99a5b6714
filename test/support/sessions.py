"""Opens sessions by AssumeRole as docs/rotation.md has it, and prints what the server says to each try, as JSON.

The environment has a user's key in the form of `bucketworks key show`. A try is `ok`, or the code of the refusal.
"""

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, REGION = os.environ["AWS_ENDPOINT_URL_S3"], os.environ["AWS_REGION"]
HOUR = {"DurationSeconds": 3600}


def key_of(**more: Any) -> Any:
    """The key of a new session."""
    sts = boto3.client("sts", endpoint_url=URL, region_name=REGION)
    return sts.assume_role(RoleArn="arn:aws:iam::minio:role/any", RoleSessionName="job", **more)["Credentials"]


def session(**more: Any) -> Any:
    """A client with that key."""
    key = key_of(**more)
    return boto3.client(
        "s3",
        endpoint_url=URL,
        region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}),
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )


def put(s3: Any, bucket: str, key: str = "seen") -> str:
    """Write an object."""
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def document(action: str, resource: str) -> str:
    """A policy that permits one action."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": [f"arn:aws:s3:::{resource}"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def opened(**more: Any) -> str:
    """What the server says to a session."""
    try:
        key_of(**more)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def hours(**more: Any) -> int:
    """How long a session lasts, by its own word."""
    return round((key_of(**more)["Expiration"] - datetime.now(UTC)).total_seconds() / 3600)


def main() -> None:
    """Try each kind of session."""
    whole, wide = session(**HOUR), session(Policy=document("s3:*", "*"), **HOUR)
    narrow = session(Policy=document("s3:PutObject", "clean-data/reports/*"), **HOUR)
    said = {
        "whole": [put(whole, "clean-data"), put(whole, "raw-data")],
        "wide": [put(wide, "clean-data"), put(wide, "raw-data")],
        "narrow": [put(narrow, "clean-data", "reports/1"), put(narrow, "clean-data")],
        "too long": opened(DurationSeconds=366 * 86_400),
        "hours": [hours(), hours(DurationSeconds=7200)],
    }
    print(json.dumps(said))


main()
