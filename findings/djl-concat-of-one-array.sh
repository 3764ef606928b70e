#!/usr/bin/env bash
# DJL 0.36.0: NDArrays.concat of a list with one array.
# On PyTorch the result is a copy without a history, so that no gradient reaches the array, and a graph
# that consists of it alone cannot be differentiated at all; on MXNet the gradient is there, and with two
# arrays it is there on both engines. A loop that joins as many pieces as it happens to have thus trains
# nothing where there is one.
# Output seen:
#   PyTorch one: EngineException
#   PyTorch two: [2.0, 2.0, 2.0]
#   MXNet one: [1.0, 1.0, 1.0]
#   MXNet two: [2.0, 2.0, 2.0]
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
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;

public class Finding {
    public static void main(String[] args) {
        for (String engine : new String[] {"PyTorch", "MXNet"}) {
            System.out.println(engine + " one: " + gradient(engine, 1));
            System.out.println(engine + " two: " + gradient(engine, 2));
        }
    }

    static String gradient(String engine, int copies) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engine)) {
            NDArray x = manager.create(new float[] {1, 2, 3});
            x.setRequiresGradient(true);
            NDList list = new NDList();
            for (int i = 0; i < copies; i++) {
                list.add(x);
            }
            try (GradientCollector collector = Engine.getEngine(engine).newGradientCollector()) {
                collector.backward(NDArrays.concat(list).sum());
            } catch (EngineException e) {
                return "EngineException";
            }
            return Arrays.toString(x.getGradient().toFloatArray());
        }
    }
}
JAVA
mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath > /dev/null
found=$(OMP_WAIT_POLICY=PASSIVE java -Dai.djl.offline=true -cp "$(cat classpath)" Finding.java 2> /dev/null)
expected='PyTorch one: EngineException
PyTorch two: [2.0, 2.0, 2.0]
MXNet one: [1.0, 1.0, 1.0]
MXNet two: [2.0, 2.0, 2.0]'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
