# The commands of the README. Everything underneath is CMake (see CMakePresets.json).
SHELL := /bin/bash
JOBS ?= $(shell nproc)

BUILD_PACKAGES := g++ cmake ninja-build pkg-config ca-certificates libboost1.81-dev libssl-dev libsqlite3-dev \
	nlohmann-json3-dev libsimdjson-dev libtomlplusplus-dev libspdlog-dev libfmt-dev libcli11-dev libsystemd-dev
TEST_PACKAGES := libgtest-dev libgmock-dev
CHECK_PACKAGES := clang-19 clang-format-19 libclang-rt-19-dev systemd logrotate

.PHONY: run test torture bench bench-pricing install deps test-deps check-deps release release-with-tests dev format check-format clean

## Installs what is needed, builds, and runs the main job: a record goes through the socket and comes out priced.
run: deps release
	daemon/demo/run.sh build/release

## Installs what is needed, builds and passes the tests.
test: test-deps release-with-tests
	ctest --preset test

## Brings faults about, again and again, and shows what became of the records. TORTURE="--scale 5 kill" passes options on.
torture: test-deps release-with-tests
	build/release/bin/respand-torture $(TORTURE)

## Measures the whole path on the release build: datagram in, bulk out.
bench: deps release
	build/release/bin/respand-bench $(BENCH)

## Measures pricing alone. BENCH=FILE takes that price table instead of one of 3,000 made-up models.
bench-pricing: deps release
	build/release/bin/respand-price-bench $(BENCH)

install: release
	DESTDIR="$(DESTDIR)" cmake --install build/release

release:
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

release-with-tests:
	cmake --preset test
	cmake --build --preset test -j $(JOBS)

dev:
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)

deps:
	@.ci/install-packages $(BUILD_PACKAGES)

test-deps:
	@.ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

check-deps:
	@.ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES) $(CHECK_PACKAGES)

SOURCES = $(shell git ls-files '*.cpp' '*.hpp')

format:
	@clang-format-19 -i $(SOURCES)

check-format:
	@clang-format-19 --dry-run --Werror $(SOURCES)

clean:
	rm -rf build
