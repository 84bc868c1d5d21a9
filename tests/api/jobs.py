"""What the worker processes of the tests do."""

import os
import time

from geo.errors import NoDataError


def double(value, *, tell):
    tell(1, 2)
    tell(2, 2)
    print("a library that prints must not break the pipe")
    return value * 2


def sleep(seconds, *, tell):
    time.sleep(seconds)


def eat(megabytes, *, tell):
    return len(bytearray(megabytes * 2**20))


def die(*, tell):
    os._exit(3)


def refuse(*, tell):
    raise NoDataError("없습니다", "가져오십시오")


def fail(*, tell):
    raise ValueError("37.5, 126.9")


def pid(*, tell):
    return os.getpid()
