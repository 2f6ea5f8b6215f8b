"""Builds the compiled core (stream_app/native) where a C++ compiler is at hand; without one all works, at more CPU."""

import os

from Cython.Build import cythonize
from setuptools import setup

extensions = cythonize("stream_app/native/*.pyx", build_dir="build/native")
for extension in extensions:
    extension.optional = True
setup(ext_modules=extensions, options={"build_ext": {"parallel": os.cpu_count()}})
