#!/usr/bin/env bash
# DJL 0.36.0: Criteria.loadModel with a TranslatorFactory that throws. The model, whose parameters are loaded by then,
# stays open: the caller gets an exception and nothing to close, so its memory goes when a finalizer finds it, if ever.
# A server that retries such a load runs out of native memory.
# Output seen:
#   TranslateException
#   manager of the model open: true
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
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

public class Finding {
    static NDManager manager;

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectory(Path.of("linear"));
        try (Model model = Model.newInstance("linear", Device.cpu(), "PyTorch")) {
            Block block = Linear.builder().setUnits(2).build();
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            model.setBlock(block);
            model.save(folder, "linear");
        }
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optEngine("PyTorch")
                        .optModelPath(folder)
                        .optBlock(Linear.builder().setUnits(2).build())
                        .optTranslatorFactory(new Failing())
                        .build();
        try {
            criteria.loadModel().close();
        } catch (Exception e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            System.out.println(cause.getClass().getSimpleName());
        }
        System.out.println("manager of the model open: " + manager.isOpen());
    }

    static class Failing implements TranslatorFactory {
        @Override
        public Set<Pair<Type, Type>> getSupportedTypes() {
            return Set.of(new Pair<>(NDList.class, NDList.class));
        }

        @Override
        public <I, O> Translator<I, O> newInstance(
                Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
                throws TranslateException {
            manager = model.getNDManager();
            throw new TranslateException("a file of the translator is missing");
        }
    }
}
JAVA
mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath > /dev/null
found=$(OMP_WAIT_POLICY=PASSIVE java -Dai.djl.offline=true -cp "$(cat classpath)" Finding.java 2> errors) || { cat errors >&2; exit 1; }
expected='TranslateException
manager of the model open: true'
printf '%s\n' "$found"
[ "$found" = "$expected" ] || { printf 'this has changed; it was\n%s\n' "$expected" >&2; exit 1; }
