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

import ai.djl.Application;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.MambaModelZoo;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.PretrainedModel;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.ndarray.NDList;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Models of the hub, loaded by DJL's {@link Criteria}, from a server on this machine. */
public class HubZooTest {

    private HubProperties hub;

    @BeforeMethod
    public void startServer() throws IOException {
        hub = new HubProperties();
    }

    @AfterMethod(alwaysRun = true)
    public void stopServer() throws IOException {
        hub.close();
    }

    /** Lets the server have the files of a fixture, and a tokenizer, whatever is asked for. */
    private void serve(String fixture) throws Exception {
        hub.serve(Fixtures.folder(fixture), "somebody/some-mamba", "somebody/some-mamba@v1.0");
        PretrainedModel.list().forEach(model -> hub.server.models.add(model.id().toString()));
        hub.server.models.add("EleutherAI/gpt-neox-20b");
        byte[] tokenizer = TokenizerFolder.read("byte-level.json").getBytes(StandardCharsets.UTF_8);
        hub.server.files.put("tokenizer.json", tokenizer);
    }

    private static Criteria.Builder<NDList, NDList> criteria() {
        return Criteria.builder().setTypes(NDList.class, NDList.class).optEngine("PyTorch");
    }

    /** With the group: DJL asks every zoo on the class path for what has no other criterion. */
    private static Criteria.Builder<NDList, NDList> byName(String name) {
        return criteria().optGroupId(MambaModelZoo.GROUP_ID).optModelName(name);
    }

    @DataProvider
    public Object[][] names() {
        String hf = "state-spaces/mamba-130m-hf";
        return new Object[][] {
            {"hf-tiny", criteria().optModelUrls(hf)},
            {"hf-tiny", criteria().optModelUrls("hf://" + hf)},
            {"hf-tiny", byName(hf)},
            {"hf-tiny", criteria().optArtifactId("mamba-130m-hf")},
            {"hf-tiny", criteria().optArtifactId("ai.djl.mamba:mamba-130m-hf")},
            {
                "hf-tiny",
                criteria().optArtifactId("mamba-130m").optFilter("dialect", "transformers")
            },
            {"original-tiny", criteria().optArtifactId("mamba-2.8b-slimpj")},
            {"original-tiny", criteria().optArtifactId("mamba-130m")},
            {"original-tiny-mamba2", criteria().optArtifactId("mamba2-130m")},
            {"original-tiny-mamba2", criteria().optModelUrls("state-spaces/mamba2-2.7b")},
            {"hf-tiny-mamba2", byName("somebody/some-mamba")},
            {"hf-tiny", byName("somebody/some-mamba")},
            {"hf-tiny", criteria().optModelUrls("somebody/some-mamba@v1.0")},
        };
    }

    @Test(dataProvider = "names")
    public void modelsLoadByTheirNames(String fixture, Criteria.Builder<NDList, NDList> builder)
            throws Exception {
        serve(fixture);
        Criteria<NDList, NDList> criteria = builder.build();
        Assert.assertFalse(criteria.isDownloaded());
        for (int time = 0; time < 2; time++) {
            try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
                MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
                Assert.assertEquals(
                        block.getConfig(), MambaCheckpoint.readConfig(Fixtures.folder(fixture)));
                Assert.assertTrue(model.getModelPath().startsWith(hub.cache), "" + model);
            }
        }
        Assert.assertTrue(criteria.isDownloaded());
        Assert.assertEquals(
                hub.server.count("GET", "/config.json"), 1, "the second load is the cache's");
    }

    @Test
    public void nothingIsDownloadedThatWasNotAskedFor() throws Exception {
        serve("hf-tiny");
        for (Criteria<?, ?> vague :
                List.of(
                        criteria().optGroupId(MambaModelZoo.GROUP_ID).build(),
                        criteria()
                                .optGroupId(MambaModelZoo.GROUP_ID)
                                .optApplication(Application.NLP.TEXT_GENERATION)
                                .build(),
                        criteria()
                                .optGroupId(MambaModelZoo.GROUP_ID)
                                .optModelName("my-model")
                                .build())) {
            Assert.assertThrows(ModelNotFoundException.class, vague::loadModel);
        }
        Assert.assertEquals(hub.server.count("GET", ""), 0);
    }

    @Test
    public void theZooIsListed() throws Exception {
        Set<String> listed = new HashSet<>();
        for (List<MRL> models : ModelZoo.listModels().values()) {
            for (MRL model : models) {
                if (model.getGroupId().equals(MambaModelZoo.GROUP_ID)) {
                    listed.add(model.getArtifactId());
                    model.listArtifacts();
                }
            }
        }
        for (String size : List.of("130m", "370m", "790m", "1.4b", "2.8b")) {
            Assert.assertTrue(listed.contains("mamba-" + size), size + " in " + listed);
            Assert.assertTrue(listed.contains("mamba-" + size + "-hf"), size + " in " + listed);
        }
        for (String size : List.of("130m", "370m", "780m", "1.3b", "2.7b")) {
            Assert.assertTrue(listed.contains("mamba2-" + size), size + " in " + listed);
        }
        Assert.assertTrue(listed.contains("mamba-2.8b-slimpj"));
        Assert.assertEquals(PretrainedModel.list().size(), 16);
        Assert.assertEquals(
                ModelZoo.getModelZoo(MambaModelZoo.GROUP_ID).getSupportedEngines(),
                Set.of("PyTorch", "MXNet"));
    }

    @Test
    public void offlineSaysWhatIsMissing() throws Exception {
        System.setProperty("ai.djl.offline", "true");
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () -> criteria().optArtifactId("mamba-130m-hf").build().loadModel());
        Assert.assertTrue(e.getMessage().contains("state-spaces/mamba-130m-hf"), e.getMessage());
        Assert.assertEquals(hub.server.count("GET", ""), 0);
    }

    @Test
    public void unknownNamesAreExplained() {
        ModelNotFoundException e =
                Assert.expectThrows(
                        ModelNotFoundException.class,
                        () -> MambaModels.criteria("mamba-13b", NDList.class, NDList.class));
        Assert.assertTrue(e.getMessage().contains("mamba-13b"), e.getMessage());
    }
}
