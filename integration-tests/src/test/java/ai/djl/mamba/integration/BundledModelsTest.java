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
package ai.djl.mamba.integration;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.zoo.BundledModel;
import ai.djl.mamba.zoo.MambaModelZoo;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.Score;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The models in the jar of the zoo: they load by name, and do what their cards say. */
public class BundledModelsTest {

    private static final long MAX_BYTES = 8 << 20;

    @DataProvider
    public Object[][] models() {
        return BundledModel.list().stream()
                .map(model -> new Object[] {model})
                .toArray(Object[][]::new);
    }

    @Test
    public void theZooHasThem() {
        List<String> names = BundledModel.list().stream().map(BundledModel::name).toList();
        Assert.assertEquals(
                names,
                List.of(
                        "mamba-java-bytes",
                        "mamba2-java-bytes",
                        "mamba-selective-copying",
                        "mamba-selective-copying-s4d",
                        "mamba-induction-heads"));
    }

    @Test(dataProvider = "models")
    public void loadsByName(BundledModel model) throws Exception {
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optGroupId(MambaModelZoo.GROUP_ID)
                        .optArtifactId(model.name())
                        .build();
        Assert.assertTrue(criteria.isDownloaded());
        try (ZooModel<NDList, NDList> loaded = criteria.loadModel()) {
            MambaLanguageModel block = (MambaLanguageModel) loaded.getBlock();
            Freezing.Count count = Freezing.count(block);
            long parameters = count.trainedNumbers() + count.frozenNumbers();
            Assert.assertEquals(parameters, model.parameters());
        }
    }

    @Test(dataProvider = "models")
    public void hasACardAndIsSmall(BundledModel model) throws IOException {
        Path folder = model.extract();
        Assert.assertTrue(Files.size(folder.resolve("model.safetensors")) <= MAX_BYTES);
        String card = Files.readString(folder.resolve("README.md"));
        Assert.assertTrue(card.startsWith("# " + model.name() + "\n"), card);
        for (String part : List.of("licence", "| training |", "seed 1", "device, time", " for ")) {
            Assert.assertTrue(card.contains(part), model.name() + " says nothing of: " + part);
        }
    }

    @Test
    public void damagedFilesAreReplaced() throws IOException {
        BundledModel model = BundledModel.find("mamba-induction-heads").orElseThrow();
        Path weights = model.extract().resolve("model.safetensors");
        byte[] content = Files.readAllBytes(weights);
        Files.write(weights, new byte[content.length]);
        Assert.assertEquals(
                Files.readAllBytes(model.extract().resolve("model.safetensors")), content);
    }

    @DataProvider
    public static Object[][] byteModels() {
        return new Object[][] {{"mamba-java-bytes"}, {"mamba2-java-bytes"}};
    }

    @Test(dataProvider = "byteModels")
    public void theByteModelsKnowJava(String name)
            throws IOException, MalformedModelException, ModelNotFoundException {
        String java =
                """
                    /** {@inheritDoc} */
                    @Override
                    public boolean equals(Object other) {
                        if (this == other) {
                            return true;
                        }
                        return other instanceof Point point && x == point.x && y == point.y;
                    }

                    @Override
                    public int hashCode() {
                        return Objects.hash(x, y);
                    }
                """;
        try (ZooModel<NDList, NDList> model =
                        MambaModels.criteria(name, NDList.class, NDList.class).build().loadModel();
                TextModel text = TextModel.of(model)) {
            Score score = text.score(java);
            double bits = score.meanNll() / Math.log(2);
            Assert.assertTrue(bits < 1, "bits per byte: " + bits);
        }
    }

    @Test
    public void selectionByContentIsWhatCopies() {
        Assert.assertTrue(accuracy("selective-copying", "mamba-selective-copying") >= 0.985);
        Assert.assertTrue(accuracy("selective-copying", "mamba-selective-copying-s4d") < 0.7);
    }

    @Test
    public void inductionHeadsHoldFarBeyondTraining() {
        Assert.assertEquals(
                accuracy("induction-heads", "mamba-induction-heads", "--longest", "16384"), 1.0);
    }

    /** The lowest accuracy of all lengths. */
    private static double accuracy(String task, String model, String... options) {
        String[] command = {
            "synthetic",
            "--json",
            "--task",
            task,
            "--trained",
            model,
            "--test-sequences",
            "128",
            "--test-tokens",
            "131072"
        };
        JsonObject result = CommandRun.of(CommandRun.join(command, options)).json();
        double lowest = 1;
        for (JsonElement one : result.getAsJsonArray("accuracy_by_length")) {
            lowest = Math.min(lowest, one.getAsJsonObject().get("accuracy").getAsDouble());
        }
        return lowest;
    }
}
