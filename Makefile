# The front door. Every target installs what is missing (or names the command), configures a preset, builds and runs.
# Everything behind it is plain CMake: see CMakePresets.json.

.PHONY: help demo python test bench format check-format asan tsan no-llvm clean

help:
	@echo "make demo          build; simulate a flow in C++, shade a terrain in Python; pictures in build/demo"
	@echo "make python        build the Python package in build/python/python"
	@echo "make test          build and run the default test suite"
	@echo "make bench         build and run the benchmarks"
	@echo "make asan          tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make tsan          tests with threads under ThreadSanitizer"
	@echo "make no-llvm       tests of a library that was built without LLVM"
	@echo "make format        format the sources"
	@echo "make check-format  fail if a source is not formatted"
	@echo "make clean         remove build/"

demo:
	@tools/setup demo
	@tools/python_environment
	cmake --preset python
	cmake --build --preset python --target cavity cppstencils_python
	mkdir -p build/demo
	build/python/examples/cavity/cavity --output build/demo
	PYTHONPATH=build/python/python build/venv/bin/python examples/python/05_terrain.py --output build/demo

python:
	@tools/setup demo
	@tools/python_environment
	cmake --preset python
	cmake --build --preset python --target cppstencils_python cppstencils_python_stub
	@echo "The package is in build/python/python. Use it: PYTHONPATH=build/python/python build/venv/bin/python"

test:
	@tools/setup test
	@tools/python_environment
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset dev

bench:
	@tools/setup bench
	cmake --preset release -DCPPSTENCILS_BENCH=ON
	cmake --build --preset release --target benchmarks
	cmake --build --preset release --target run_benchmarks

asan:
	@tools/setup test
	cmake --preset asan-ubsan
	cmake --build --preset asan-ubsan
	ctest --preset asan-ubsan

tsan:
	@tools/setup test
	cmake --preset tsan
	cmake --build --preset tsan
	ctest --preset tsan

no-llvm:
	@tools/setup no-llvm
	cmake --preset no-llvm
	cmake --build --preset no-llvm
	ctest --preset no-llvm

format:
	@tools/setup format
	python3 tools/check_format.py --fix

check-format:
	@tools/setup format
	python3 tools/check_format.py

clean:
	rm -rf build
