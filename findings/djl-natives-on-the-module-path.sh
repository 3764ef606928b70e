#!/usr/bin/env bash
# DJL's natives (ai.djl.pytorch:pytorch-native-cpu 2.7.1, linux-x86_64) on Java's module path.
# The manifest of the jar has an Automatic-Module-Name that is not a module name, so that Java refuses
# every program which has the jar on its module path, whatever it does; on the class path the jar works.
# The engine itself (ai.djl.pytorch:pytorch-engine) has a proper name.
# Output seen:
#   java.lang.module.FindException: Automatic-Module-Name: ai.djl.pytorch_native_cpu_linux-x86_64: Invalid module name:
#   'pytorch_native_cpu_linux-x86_64' is not a Java identifier
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ai.djl.pytorch</groupId><artifactId>pytorch-native-cpu</artifactId><version>2.7.1</version><classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars > /dev/null
found=$(java --module-path jars --list-modules 2>&1 | grep -o 'Automatic-Module-Name: .*Invalid module name' || true)
expected='Automatic-Module-Name: ai.djl.pytorch_native_cpu_linux-x86_64: Invalid module name'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
