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
package ai.djl.mamba.zoo;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.mamba.zoo.text.Token;
import ai.djl.mamba.zoo.text.TokenStream.Timing;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Loading, owning and closing text models. */
public class TextModelTest {

    private static final String NAME = "mamba-java-bytes";
    private static final String ENGINE = "PyTorch";

    private Path work;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-text-model");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    @Test
    public void aNameIsEnough() throws Exception {
        try (TextModel model = TextModel.load(NAME)) {
            String text = model.generate("public ");
            Assert.assertFalse(text.isEmpty());
            GenerationOptions defaults = GenerationOptions.builder().build();
            Assert.assertEquals(model.generate("public ", defaults).text(), text);
            try (TextStream stream = model.stream("public ")) {
                Assert.assertEquals(stream.stream().collect(Collectors.joining()), text);
            }
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            try (PromptState state = model.read("public ")) {
                state.save(saved);
            }
            ByteArrayInputStream in = new ByteArrayInputStream(saved.toByteArray());
            try (PromptState state = model.restore(in)) {
                Assert.assertEquals(model.generate(state, defaults).get(0).text(), text);
            }
        }
    }

    @Test
    public void aStateIsContinuedAsIfTheTextHadBeenReadAtOnce() throws Exception {
        Path folder = TinyModels.ofPrefixedText(work.resolve("prefixed"));
        GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(8).build();
        try (TextModel model = TextModel.load(folder);
                PromptState first = model.read("The state");
                PromptState both = model.read(first, " of the model")) {
            Assert.assertEquals(both.tokens(), 8);
            GeneratedText whole = model.generate("The state of the model", options);
            GeneratedText continued = model.generate(both, options).get(0);
            Assert.assertEquals(continued.text(), whole.text());
            Assert.assertEquals(
                    model.score(first, " of the model").totalNll(),
                    model.score("The state of the model").totalNll()
                            - model.score("The state").totalNll(),
                    1e-3);
            // the text of the continuation is what it adds to that of the prompt
            long[] ids =
                    LongStream.concat(
                                    LongStream.of(
                                            model.tokenizer().encode("The state of the model")),
                                    whole.tokens().stream().mapToLong(Token::id))
                            .toArray();
            Assert.assertEquals(
                    "The state of the model" + whole.text(), model.tokenizer().decode(ids));
            StringBuilder streamed = new StringBuilder();
            try (TextStream stream = model.stream("The state of the model", options)) {
                stream.forEachRemaining(streamed::append);
            }
            Assert.assertEquals(streamed.toString(), whole.text());
            try (TextStream stream = model.stream("The state", options);
                    TextStream later = model.stream(first, options)) {
                Assert.assertEquals(stream.timing(), new Timing(0, 0, 0, 0));
                stream.forEachRemaining(piece -> {});
                later.forEachRemaining(piece -> {});
                Assert.assertEquals(stream.timing().promptTokens(), 5);
                Assert.assertTrue(stream.timing().promptTokensPerSecond() > 0);
                Assert.assertEquals(stream.timing().tokens(), 8);
                Assert.assertTrue(stream.timing().tokensPerSecond() > 0);
                Assert.assertEquals(later.timing().promptTokens(), 0, "read before");
                Assert.assertTrue(Double.isNaN(later.timing().promptTokensPerSecond()));
            }
        }
    }

    @Test
    public void aTokenizerOfOnesOwnIsTaken() throws Exception {
        Path folder = TinyModels.ofBytes(work.resolve("model"));
        GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(4).build();
        Tokenizer tokenizer = CharacterTokenizer.of("abc");
        try (TextModel model =
                TextModel.builder().setModel(folder.toString()).optTokenizer(tokenizer).load()) {
            Assert.assertSame(model.tokenizer(), tokenizer);
            Assert.assertTrue(model.generate("cab", options).text().matches("[abc]{4}"));
            try (TextModel other = TextModel.of(model.model(), tokenizer)) {
                Assert.assertEquals(
                        other.generate("cab", options).text(),
                        model.generate("cab", options).text());
            }
        }
    }

    @Test
    public void closingFreesTheModelThatItLoaded() throws Exception {
        TextModel model = TextModel.load(NAME);
        NDManager manager = model.model().getNDManager();
        Assert.assertTrue(manager.isOpen());
        model.close();
        Assert.assertFalse(manager.isOpen());
    }

    @Test
    public void aGivenModelStaysOpen() throws Exception {
        try (ZooModel<NDList, NDList> loaded =
                MambaModels.criteria(NAME, NDList.class, NDList.class)
                        .optEngine(ENGINE)
                        .build()
                        .loadModel()) {
            int arrays = loaded.getNDManager().getManagedArrays().size();
            try (TextModel model = TextModel.of(loaded)) {
                model.generate("x", GenerationOptions.builder().optMaxNewTokens(2).build());
            }
            Assert.assertTrue(loaded.getNDManager().isOpen());
            Assert.assertEquals(loaded.getNDManager().getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void theDataTypeCanBeChosen() throws Exception {
        Path folder = TinyModels.ofBytes(work.resolve("model"));
        try (TextModel model =
                TextModel.builder()
                        .setModel(folder.toString())
                        .optEngine(ENGINE)
                        .optDataType(DataType.FLOAT64)
                        .load()) {
            MambaLanguageModel block = (MambaLanguageModel) model.model().getBlock();
            Assert.assertEquals(block.dataType(), DataType.FLOAT64);
        }
    }

    @Test
    public void adaptersAreMergedUnlessTheyAreToStayApart() throws Exception {
        Path folder = TinyModels.ofBytes(work.resolve("model"));
        Path adapter = work.resolve("adapter");
        try (NDManager manager = NDManager.newBaseManager(ENGINE)) {
            MambaLanguageModel block = MambaCheckpoint.load(folder, manager);
            LoRA lora = LoRA.builder().setRank(2).build();
            lora.apply(block, manager);
            LoraCheckpoint.save(block, lora, adapter);
        }
        for (boolean merge : new boolean[] {true, false}) {
            try (TextModel model =
                    TextModel.builder()
                            .setModel(folder.toString())
                            .optEngine(ENGINE)
                            .optAdapter(adapter)
                            .optMergeAdapter(merge)
                            .load()) {
                Assert.assertEquals(LoRA.isAdapted(model.model().getBlock()), !merge);
            }
        }
    }

    @Test
    public void aModelWithoutAStateIsRefusedAtOnce() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(8).setNumLayers(1).build();
        try (Model model = Model.newInstance("stateless", Device.cpu(), "PyTorch")) {
            model.setBlock(new MambaLanguageModel(config));
            String refused =
                    Assert.expectThrows(IllegalArgumentException.class, () -> TextModel.of(model))
                            .getMessage();
            Assert.assertTrue(refused.contains("does not return its state"), refused);
        }
    }

    /** In one line, by us: the engine would say 60 lines, or that there is no such model. */
    @Test
    public void devicesAndEnginesThatAreNotThereAreNamed() throws Exception {
        for (String engine : List.of("PyTorch", "MXNet")) {
            TextModel.Builder gpu =
                    TextModel.builder().setModel(NAME).optEngine(engine).optDevice(Device.gpu(77));
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, gpu::load);
            Assert.assertTrue(
                    e.getMessage().contains("no device gpu77: " + engine + " sees "),
                    e.getMessage());
            Assert.assertEquals(e.getMessage().lines().count(), 1);
        }
        TextModel.Builder typo = TextModel.builder().setModel(NAME).optEngine("PyTroch");
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, typo::load);
        Assert.assertTrue(e.getMessage().contains("MXNet, "), e.getMessage());
        Assert.assertTrue(e.getMessage().endsWith("did you mean PyTorch?"), e.getMessage());
    }

    @Test
    public void mergingNothingIsRefused() {
        for (boolean merge : new boolean[] {true, false}) {
            TextModel.Builder builder = TextModel.builder().setModel(NAME).optMergeAdapter(merge);
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, builder::load);
            Assert.assertTrue(e.getMessage().contains("optAdapter"), e.getMessage());
        }
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                MambaModels.criteria(NAME, NDList.class, NDList.class)
                                        .optArgument(MambaModels.MERGE_ADAPTER, true)
                                        .build()
                                        .loadModel());
        Assert.assertTrue(e.getMessage().contains("names none"), e.getMessage());
    }

    @Test
    public void whatIsNotALanguageModelIsRefused() throws Exception {
        Path folder = work.resolve("classifier");
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(8).setNumLayers(1).build();
        try (NDManager manager = NDManager.newBaseManager(ENGINE)) {
            MambaClassifier classifier =
                    MambaClassifier.builder().setConfig(config).setNumClasses(2).build();
            classifier.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            ClassifierCheckpoint.save(classifier, List.of("a", "b"), folder);
        }
        IllegalArgumentException refused =
                Assert.expectThrows(IllegalArgumentException.class, () -> TextModel.load(folder));
        Assert.assertTrue(
                refused.getMessage().endsWith("is not a Mamba language model"),
                refused.getMessage());
        Assert.assertTrue(refused.getMessage().contains("is a classifier"), "" + refused);
        Assert.expectThrows(ModelNotFoundException.class, () -> TextModel.load(work));
        Assert.expectThrows(ModelNotFoundException.class, () -> TextModel.load("no such model"));
        Assert.expectThrows(IllegalArgumentException.class, () -> TextModel.builder().load());
    }
}
