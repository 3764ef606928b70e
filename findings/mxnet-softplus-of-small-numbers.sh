#!/usr/bin/env bash
# MXNet 1.9.1 (by DJL 0.36.0): Activation.softPlus of a number far below zero.
# ln(1 + exp(x)) is computed as it is written, in float32: at -11 it is off by 3 %, at -17 it is 0.
# PyTorch 2.7.1 gives all digits. A layer whose time steps are a softplus, such as a state space model's,
# runs with other time steps.
# Output seen:
#   PyTorch: [1.670156E-5, 4.1399378E-8]
#   MXNet: [1.7166138E-5, 0.0]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ai.djl.pytorch</groupId><artifactId>pytorch-engine</artifactId><version>0.36.0</version></dependency>
    <dependency><groupId>ai.djl.pytorch</groupId><artifactId>pytorch-jni</artifactId><version>2.7.1-0.36.0</version></dependency>
    <dependency><groupId>ai.djl.pytorch</groupId><artifactId>pytorch-native-cpu</artifactId><version>2.7.1</version><classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>ai.djl.mxnet</groupId><artifactId>mxnet-engine</artifactId><version>0.36.0</version></dependency>
    <dependency><groupId>ai.djl.mxnet</groupId><artifactId>mxnet-native-mkl</artifactId><version>1.9.1</version><classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
cat > Finding.java <<'JAVA'
import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import java.util.Arrays;

public class Finding {
    public static void main(String[] args) {
        for (String engine : new String[] {"PyTorch", "MXNet"}) {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engine)) {
                NDArray x = manager.create(new float[] {-11, -17});
                System.out.println(
                        engine + ": " + Arrays.toString(Activation.softPlus(x).toFloatArray()));
            }
        }
    }
}
JAVA
mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath > /dev/null
found=$(OMP_WAIT_POLICY=PASSIVE java -Dai.djl.offline=true -cp "$(cat classpath)" Finding.java 2> /dev/null)
expected='PyTorch: [1.670156E-5, 4.1399378E-8]
MXNet: [1.7166138E-5, 0.0]'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
