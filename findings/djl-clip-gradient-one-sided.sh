#!/usr/bin/env bash
# DJL 0.36.0: Optimizer.optClipGrad(1) is documented as clipping the gradient.
# On PyTorch it limits gradients from above only: of the gradients 5 and -5 the first becomes 1 and the
# second stays -5. On MXNet both are clipped. There is no clipping by the global norm on either engine.
# Output seen (a step of SGD with learning rate 1 from zero):
#   PyTorch: [-1.0, 5.0]
#   MXNet: [-1.0, 1.0]
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
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Arrays;

public class Finding {
    public static void main(String[] args) {
        for (String engine : new String[] {"PyTorch", "MXNet"}) {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engine)) {
                Optimizer sgd =
                        Optimizer.sgd()
                                .setLearningRateTracker(Tracker.fixed(1))
                                .optClipGrad(1)
                                .build();
                NDArray weight = manager.zeros(new Shape(2));
                sgd.update("weight", weight, manager.create(new float[] {5, -5}));
                System.out.println(engine + ": " + Arrays.toString(weight.toFloatArray()));
            }
        }
    }
}
JAVA
mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath > /dev/null
found=$(OMP_WAIT_POLICY=PASSIVE java -Dai.djl.offline=true -cp "$(cat classpath)" Finding.java 2> /dev/null)
expected='PyTorch: [-1.0, 5.0]
MXNet: [-1.0, 1.0]'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
