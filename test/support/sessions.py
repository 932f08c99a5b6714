"""Opens sessions by AssumeRole as docs/rotation.md has it, and prints what the server says to each try, as JSON.

The environment has a user's key in the form of `bucketworks key show`. A try is `ok`, or the code of the refusal. The
server's own length of a session is seconds: one of that kind is used until it is refused.
"""

import json
import os
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, REGION = os.environ["AWS_ENDPOINT_URL_S3"], os.environ["AWS_REGION"]
HOUR = {"DurationSeconds": 3600}


def session(**more: Any) -> Any:
    """A client with the key of a new session."""
    sts = boto3.client("sts", endpoint_url=URL, region_name=REGION)
    key = sts.assume_role(RoleArn="arn:aws:iam::minio:role/any", RoleSessionName="job", **more)["Credentials"]
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
        session(**more)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def ended(s3: Any) -> str:
    """How a session is refused once it has ended; `ok` where it doesn't within two minutes."""
    for _ in range(600):
        said = put(s3, "clean-data")
        if said != "ok":
            return said
        time.sleep(0.2)
    return "ok"


def main() -> None:
    """Try each kind of session."""
    short = session()
    before = put(short, "clean-data")
    whole, wide = session(**HOUR), session(Policy=document("s3:*", "*"), **HOUR)
    narrow = session(Policy=document("s3:PutObject", "clean-data/reports/*"), **HOUR)
    said = {
        "whole": [put(whole, "clean-data"), put(whole, "raw-data")],
        "wide": [put(wide, "clean-data"), put(wide, "raw-data")],
        "narrow": [put(narrow, "clean-data", "reports/1"), put(narrow, "clean-data")],
        "too short": opened(DurationSeconds=899),
        "short": [before, ended(short)],
        "others": put(whole, "clean-data"),
    }
    print(json.dumps(said))


main()
