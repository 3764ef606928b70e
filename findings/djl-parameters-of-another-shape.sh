#!/usr/bin/env bash
# DJL 0.36.0: Block.loadParameters checks names and versions, not shapes. A Linear of two units takes the file of a
# Linear of five without a word, initialized or not, and computes five outputs from then on (it overwrites its own
# number of units, too). In a network the mistake shows in another layer, or not at all where the sizes happen to fit.
# Output seen:
#   2 units, loaded 5: (1, 5)
#   2 units, initialized, loaded 5: (1, 5)
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
  </dependencies>
</project>
POM
cat > Finding.java <<'JAVA'
import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;

public class Finding {
    public static void main(String[] args) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Shape input = new Shape(1, 4);
            Block two = Linear.builder().setUnits(2).build();
            load(two, manager, input);
            System.out.println("2 units, loaded 5: " + run(two, manager, input));
            Block initialized = Linear.builder().setUnits(2).build();
            initialized.initialize(manager, DataType.FLOAT32, input);
            load(initialized, manager, input);
            System.out.println("2 units, initialized, loaded 5: " + run(initialized, manager, input));
        }
    }

    static void load(Block block, NDManager manager, Shape input) throws Exception {
        Block five = Linear.builder().setUnits(5).build();
        five.initialize(manager, DataType.FLOAT32, input);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        five.saveParameters(new DataOutputStream(bytes));
        block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    static Shape run(Block block, NDManager manager, Shape shape) {
        NDList input = new NDList(manager.ones(shape));
        return block.forward(new ParameterStore(manager, false), input, false).get(0).getShape();
    }
}
JAVA
mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath > /dev/null
found=$(OMP_WAIT_POLICY=PASSIVE java -Dai.djl.offline=true -cp "$(cat classpath)" Finding.java 2> errors) || { cat errors >&2; exit 1; }
expected='2 units, loaded 5: (1, 5)
2 units, initialized, loaded 5: (1, 5)'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
