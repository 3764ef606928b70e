/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * Changed configurations load, or are refused with a message that names the file; nothing else
 * happens, see {@link ConfigFuzzRun}. The system property {@code ai.djl.mamba.test.mutations} says
 * how many there are.
 */
public class ConfigFuzzTest {

    private static final int MUTATIONS = Integer.getInteger("ai.djl.mamba.test.mutations", 500);

    /** The models take 0.1 MB each; a size that is believed before it is checked takes far more. */
    private static final long MOST_MEMORY = 64L << 20;

    @Test
    public void configurationsLoadOrAreRefused() throws Exception {
        Path work = Files.createTempDirectory("mamba-config-fuzz");
        try {
            List<String> lines =
                    new ChildJvm(ConfigFuzzRun.class)
                            .run(
                                    String.valueOf(MUTATIONS),
                                    Fixtures.copy("hf-tiny", work).toString(),
                                    Fixtures.copy("original-tiny", work).toString(),
                                    Fixtures.copy("hf-tiny-mamba2", work).toString(),
                                    Fixtures.copy("original-tiny-mamba2", work).toString(),
                                    classifier(work.resolve("classifier")).toString());
            String report = String.join(", ", lines);
            Assert.assertTrue(figure(lines, "loaded") > 0, report);
            Assert.assertTrue(figure(lines, "refused") > MUTATIONS / 4, report);
            Assert.assertTrue(figure(lines, "grown") < MOST_MEMORY, report);
            System.out.println(report);
        } finally {
            ProcessFiles.delete(work);
        }
    }

    private static long figure(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + ' '))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static Path classifier(Path folder) throws Exception {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            MambaClassifier model =
                    MambaClassifier.builder()
                            .setConfig(
                                    MambaConfig.builder()
                                            .setVocabSize(9)
                                            .setModelSize(8)
                                            .setNumLayers(1)
                                            .build())
                            .setNumClasses(2)
                            .build();
            model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            ClassifierCheckpoint.save(model, List.of("a", "b"), folder);
        }
        return folder;
    }
}
