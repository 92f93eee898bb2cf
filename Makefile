# Namcha: make demo | make test | make check | make setup      演示 | 测试 | 检查 | 安装

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CODE := namcha ingest models species_db review_app training tests benchmarks

.PHONY: setup demo test check format lint types imports lock clean
.DEFAULT_GOAL := help

help:
	@echo "make setup   prepare the environment in $(VENV)          安装运行环境"
	@echo "make demo    set up, then run the whole job on a card    安装并演示全流程"
	@echo "make test    set up, then run all tests                  安装并运行全部测试"
	@echo "make check   format, lint, types, imports, tests         代码检查与测试"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Python is missing. Debian: apt-get install python3 python3-venv. macOS: brew install python." ; \
	  echo "缺少 Python。Debian:apt-get install python3 python3-venv;macOS:brew install python。" ; exit 1 ; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Namcha needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make $(MAKECMDGOALS) PYTHON=python3.12" ; \
	  echo "Namcha 需要 Python 3.11 或更高版本。" ; exit 1 ; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing. Debian: apt-get install python3-venv" ; \
	  echo "缺少 venv 模块。Debian:apt-get install python3-venv" ; exit 1 ; }
	@echo "Setting up in $(VENV): about 7 GB on Linux, most of it PyTorch; some minutes on a good line."
	@echo "正在安装到 $(VENV):Linux 上约 7 GB(主要是 PyTorch),网络良好时需数分钟。"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt \
	  --editable '.[demo,train,cluster,dev]' || { \
	  echo "Installing failed: look at the message above; a network is needed this once. Then run make again." ; \
	  echo "安装失败:请查看上面的信息;首次安装需要联网,之后重新运行即可。" ; exit 1 ; }
	@touch $(STAMP)

demo: setup
	$(BIN)/namcha demo

test: setup
	$(BIN)/python -m pytest

check: setup format lint types imports test

format: setup
	$(BIN)/ruff format --check $(CODE)

lint: setup
	$(BIN)/ruff check $(CODE)

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

lock: setup
	@{ sed -n '/^#/p' constraints.txt ; $(BIN)/python -m pip freeze --exclude-editable | sort -f ; } > constraints.new
	@mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) demo-survey .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
