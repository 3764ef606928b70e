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

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.BundledModel;
import ai.djl.mamba.zoo.PretrainedModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Models of the hub on the command line, from a server on this machine, and {@code mamba zoo}. */
public class HubCommandsTest {

    private static final String OFFLINE = "ai.djl.offline";

    private HubProperties hub;
    private Path work;

    @BeforeMethod
    public void startServer() throws IOException {
        hub = new HubProperties();
        work = Files.createTempDirectory("mamba-hub-commands");
    }

    @AfterMethod(alwaysRun = true)
    public void stopServer() throws IOException {
        hub.close();
        ProcessFiles.delete(work);
    }

    private void serve(Path folder) throws IOException {
        hub.serve(folder, "somebody/some-mamba", "EleutherAI/gpt-neox-20b");
        PretrainedModel.list().forEach(model -> hub.server.models.add(model.id().toString()));
    }

    private static CommandRun evaluate(String model) {
        return CommandRun.of("evaluate", "--model", model, "--prompt", "The quick brown fox");
    }

    @DataProvider
    public Object[][] names() {
        return new Object[][] {
            {"mamba-130m-hf", Dialect.TRANSFORMERS},
            {"state-spaces/mamba-130m-hf", Dialect.TRANSFORMERS},
            {"somebody/some-mamba", Dialect.TRANSFORMERS},
            {"mamba-2.8b-slimpj", Dialect.ORIGINAL},
            {"state-spaces/mamba-130m", Dialect.ORIGINAL},
            {"mamba2-780m", Dialect.ORIGINAL},
        };
    }

    @Test(dataProvider = "names")
    public void aNameIsAsGoodAsAFolder(String name, Dialect dialect) throws Exception {
        Path folder = TinyModels.ofText(work.resolve("model"), dialect);
        serve(folder);
        JsonObject expected = evaluate(folder.toString()).json();
        Assert.assertEquals(evaluate(name).json(), expected);
        long requests = hub.server.requests.size();
        Assert.assertTrue(requests > 0);
        System.setProperty(OFFLINE, "true");
        Assert.assertEquals(evaluate(name).json(), expected, "from the cache");
        Assert.assertEquals(hub.server.requests.size(), requests);
        Path out = work.resolve("out");
        String[] convert = {"convert", "--model", name, "--to", "hf", "--out", out.toString()};
        Assert.assertEquals(CommandRun.of(convert).code(), 0);
        Assert.assertEquals(evaluate(out.toString()).json(), expected, "with its tokenizer");
    }

    @Test
    public void whatCannotBeLoadedIsExplained() {
        evaluate("somebody/some-other-mamba").assertFailure("somebody/some-other-mamba");
        evaluate("mamba-13b").assertFailure("mamba-13b");
        System.setProperty(OFFLINE, "true");
        CommandRun offline = evaluate("mamba-130m");
        offline.assertFailure("state-spaces/mamba-130m is not complete");
        offline.assertFailure("offline");
    }

    @Test
    public void theZooIsListed() throws Exception {
        CommandRun plain = CommandRun.of("zoo");
        Assert.assertEquals(plain.code(), 0, plain.err());
        Assert.assertEquals(
                plain.out().lines().count(), 17 + BundledModel.list().size(), plain.out());
        Set<String> names = new HashSet<>();
        for (JsonObject model : models(false)) {
            String name = model.get("name").getAsString();
            names.add(name);
            Assert.assertEquals(model.get("hub").getAsString(), "state-spaces/" + name);
            Assert.assertEquals(
                    model.get("dialect").getAsString(),
                    name.endsWith("-hf") ? "transformers" : "original");
            long parameters = model.get("parameters").getAsLong();
            Assert.assertEquals(model.get("bytes").getAsLong(), 4 * parameters);
            Assert.assertEquals(model.get("licence").getAsString(), "Apache-2.0");
            Assert.assertFalse(model.get("cached").getAsBoolean());
            Assert.assertTrue(plain.out().contains(name + " "), plain.out());
        }
        Assert.assertEquals(names.size(), 16);
        Assert.assertEquals(hub.server.requests.size(), 0, "it lists what it knows");
    }

    /** Models that come with the zoo are there, whatever is in the cache. */
    @Test
    public void theZooListsWhatComesWithIt() {
        List<JsonObject> bundled = models(true);
        Assert.assertEquals(
                bundled.stream().map(model -> model.get("name").getAsString()).toList(),
                BundledModel.list().stream().map(BundledModel::name).toList());
        for (JsonObject model : bundled) {
            Assert.assertFalse(model.has("hub"), "" + model);
            Assert.assertTrue(model.get("cached").getAsBoolean(), "" + model);
            Assert.assertTrue(model.get("bytes").getAsLong() > 100_000, "" + model);
        }
    }

    /** The models in the jar of the zoo, or those of the hub. */
    private static List<JsonObject> models(boolean bundled) {
        JsonObject json = CommandRun.of("zoo", "--json").json();
        Assert.assertEquals(json.keySet(), Set.of("models"));
        return json.getAsJsonArray("models").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(model -> model.get("bundled").getAsBoolean() == bundled)
                .toList();
    }

    @Test
    public void theZooKnowsWhatIsCached() throws Exception {
        serve(TinyModels.ofText(work.resolve("model"), Dialect.TRANSFORMERS));
        evaluate("mamba-370m-hf").json();
        for (JsonObject model : models(false)) {
            boolean isLoaded = model.get("name").getAsString().equals("mamba-370m-hf");
            Assert.assertEquals(model.get("cached").getAsBoolean(), isLoaded, "" + model);
            Assert.assertEquals(model.get("bytes").getAsLong() < 1_000_000, isLoaded, "" + model);
        }
        String line =
                CommandRun.of("zoo")
                        .out()
                        .lines()
                        .filter(one -> one.startsWith("mamba-370m-hf "))
                        .findFirst()
                        .orElseThrow();
        Assert.assertTrue(line.contains(hub.cache.toString()), line);
    }
}
