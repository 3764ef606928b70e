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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult.Reason;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.FineTuning.Task;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** {@code mamba finetune}, and the class behind it. */
public class FinetuneCommandTest {

    private static final String QUICK = "--steps 2 --batch 4 --length 24 --eval-tokens 96";

    private final boolean isMamba2;
    private Path work;
    private Path base;
    private Path text;
    private Path rows;

    @Factory(dataProvider = "kinds")
    public FinetuneCommandTest(boolean isMamba2) {
        this.isMamba2 = isMamba2;
    }

    /** Whether the model is one of Mamba-2. */
    @DataProvider
    public static Object[][] kinds() {
        return new Object[][] {{false}, {true}};
    }

    @BeforeClass
    public void makeData() throws IOException {
        work = Files.createTempDirectory("mamba-finetune");
        Path model = work.resolve("base");
        base = isMamba2 ? TinyModels.mamba2OfBytes(model) : TinyModels.ofBytes(model);
        text = Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(200));
        Random random = new Random(1);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 150; i++) {
            String letter = i % 2 == 0 ? "a" : "b";
            csv.append(i).append(letter.repeat(5 + random.nextInt(10)));
            csv.append(i % 2 == 0 ? ",good\n" : ",bad\n");
            Path folder = Files.createDirectories(work.resolve("files").resolve(letter));
            Files.writeString(folder.resolve(i + "." + letter + "x"), i + letter.repeat(9));
        }
        rows = Files.writeString(work.resolve("rows.csv"), csv);
    }

    @AfterClass(alwaysRun = true)
    public void deleteData() throws IOException {
        ProcessFiles.delete(work);
    }

    private String[] args(Path data, Path out, String more) {
        return String.format("finetune --model %s --data %s --out %s %s", base, data, out, more)
                .strip()
                .split(" +", -1);
    }

    private JsonObject run(Path data, Path out, String more) {
        return CommandRun.of(CommandRun.join(args(data, out, more), "--json")).json();
    }

    private Path newFolder() throws IOException {
        return Files.createTempDirectory(work, "out");
    }

    private static boolean hasModel(Path folder) {
        return Files.exists(folder.resolve("model.safetensors"));
    }

    @Test
    public void trainsALanguageModelFurther() throws Exception {
        Path out = newFolder();
        JsonObject figures = run(text, out, QUICK + " --freeze embedding A_log");
        Assert.assertEquals(figures.get("steps").getAsInt(), 2);
        Assert.assertTrue(figures.get("trained_part").getAsDouble() < 1);
        try (ZooModel<NDList, NDList> before = load(base);
                ZooModel<NDList, NDList> after = load(out)) {
            MambaLanguageModel old = (MambaLanguageModel) before.getBlock();
            MambaLanguageModel tuned = (MambaLanguageModel) after.getBlock();
            Assert.assertEquals(
                    values(tuned.getEmbedding()), values(old.getEmbedding()), "it was frozen");
            int changed = 0;
            for (int i = 0; i < old.getParameters().size(); i++) {
                float[] was = values(old.getParameters().valueAt(i));
                changed += Arrays.equals(was, values(tuned.getParameters().valueAt(i))) ? 0 : 1;
            }
            Assert.assertEquals(changed, old.getParameters().size() - 3); // and two A_log
        }
    }

    private static float[] values(Parameter parameter) {
        return parameter.getArray().toFloatArray();
    }

    private static ZooModel<NDList, NDList> load(Path folder) throws Exception {
        return MambaModels.criteria(folder.toString(), NDList.class, NDList.class)
                .optEngine("PyTorch")
                .build()
                .loadModel();
    }

    @Test
    public void adaptersOfALanguageModelComeAloneOrMerged() throws Exception {
        Path out = newFolder();
        String lora = " --lora 2 --lora-alpha 4 --lora-targets in_proj out_proj";
        JsonObject figures = run(text, out, QUICK + lora);
        Assert.assertTrue(figures.get("trained_part").getAsDouble() < 0.3, figures.toString());
        Assert.assertFalse(hasModel(out));
        Assert.assertTrue(
                Files.readString(out.resolve("adapter/adapter_config.json")).contains("out_proj"));
        run(text, out, QUICK + lora + " --merge --overwrite");
        Assert.assertTrue(hasModel(out));
        load(out).close();
    }

    @Test
    public void aModelWithATokenizerKeepsIt() throws Exception {
        Path model = TinyModels.ofText(work.resolve("tokens"), Dialect.TRANSFORMERS);
        Path out = newFolder();
        String[] args = args(text, out, QUICK + " --carry-state --json");
        args[2] = model.toString();
        Assert.assertTrue(CommandRun.of(args).json().has("validation_bits_per_token"));
        Assert.assertTrue(Files.exists(out.resolve("tokenizer.json")));
        String[] generate = {"generate", "--model", "" + out, "--prompt", "p"};
        String[] few = {"--max-new-tokens", "3", "--json"};
        CommandRun.of(CommandRun.join(generate, few)).json();
    }

    @DataProvider
    public Object[][] classifiers() {
        return new Object[][] {
            {"", ""},
            {"--lora 4", "in_proj"},
            {"--from-scratch --pooling mean", ""},
            {"--save-type float16", ""},
        };
    }

    @Test(dataProvider = "classifiers")
    public void classifiesWhatItLearned(String options, String adapted) throws Exception {
        Path out = newFolder();
        String enough = " --task classify --epochs 4 --batch 8 --lr 0.02 --length 32 ";
        JsonObject figures = run(rows, out, enough + options);
        Assert.assertEquals(figures.get("validation_accuracy").getAsDouble(), 1.0);
        Assert.assertEquals(figures.get("classes").getAsInt(), 2);
        Assert.assertEquals(
                Files.exists(out.resolve("adapter/adapter_config.json")), !adapted.isEmpty());
        try (ZooModel<String, Classifications> model =
                        MambaModels.criteria(out.toString(), String.class, Classifications.class)
                                .optEngine("PyTorch")
                                .build()
                                .loadModel();
                var predictor = model.newPredictor()) {
            Assert.assertEquals(predictor.predict("7aaaaaaaa").best().getClassName(), "good");
            Assert.assertEquals(predictor.predict("8bbbbbbb").best().getClassName(), "bad");
        }
    }

    @DataProvider
    public Object[][] labels() {
        return new Object[][] {{"folder", "\"a\""}, {"extension", "\"ax\""}};
    }

    @Test(dataProvider = "labels")
    public void labelsComeFromFiles(String source, String label) throws IOException {
        Path out = newFolder();
        run(work.resolve("files"), out, QUICK + " --task classify --labels-from " + source);
        String config = Files.readString(out.resolve("config.json"));
        Assert.assertTrue(config.contains(label), config);
    }

    @DataProvider
    public Object[][] wrongUsage() {
        return new Object[][] {
            {"--merge", "--lora"},
            {"--lora 0", "--lora"},
            {"--task translate", "--task"},
            {"--from-scratch", "--from-scratch"},
            {"--task classify --carry-state", "--carry-state"},
            {"--labels-from nowhere", "--labels-from"},
        };
    }

    @Test(dataProvider = "wrongUsage")
    public void wrongUsageIsTwo(String options, String words) {
        CommandRun.of(args(text, work.resolve("wrong"), options)).assertWrongUsage(words);
    }

    @DataProvider
    public Object[][] failures() {
        return new Object[][] {
            {"text.txt", "--task classify", "label"},
            {"text.txt", "--freeze attention", "attention"},
            {"text.txt", "--lora 2 --lora-targets attention", "attention"},
            {"missing.txt", "", "missing.txt"},
        };
    }

    @Test(dataProvider = "failures")
    public void failureIsOneAndOneLine(String data, String options, String words) {
        Path out = work.resolve("failed");
        CommandRun.of(args(work.resolve(data), out, options)).assertFailure(words);
        Assert.assertFalse(hasModel(out));
    }

    @Test
    public void theModelItselfIsNotOverwritten() {
        CommandRun.of(args(text, base, QUICK)).assertFailure("would overwrite");
    }

    @Test
    public void classifiersAreNoLanguageModels() throws Exception {
        String[] args = args(text, work.resolve("failed"), QUICK);
        args[2] = TinyModels.classifier(work.resolve("classifier")).toString();
        CommandRun.of(args).assertFailure("is a classifier");
    }

    /** The page of Java, stopped and resumed; the end is that of a run that was not stopped. */
    @Test
    public void aStoppedFineTuningGoesOn() throws Exception {
        Path whole = newFolder();
        Path stopped = newFolder();
        Assert.assertEquals(tune(whole, false, 99).training().reason(), Reason.FINISHED);
        FineTuning.Result first = tune(stopped, false, 3);
        Assert.assertEquals(first.training().reason(), Reason.INTERRUPTED);
        Assert.assertFalse(hasModel(stopped));
        MambaModels.criteria(stopped.toString(), String.class, Classifications.class)
                .optEngine("PyTorch")
                .build()
                .loadModel()
                .close();
        Assert.assertThrows(IOException.class, () -> tune(stopped, false, 3));
        FineTuning.Result second = tune(stopped, true, 99);
        Assert.assertEquals(second.classes(), List.of("bad", "good"));
        Assert.assertEquals(second.training().steps(), 6);
        for (String file : List.of("model.safetensors", "adapter/adapter_model.safetensors")) {
            Assert.assertEquals(
                    Files.mismatch(stopped.resolve(file), whole.resolve(file)), -1, file);
        }
    }

    /** More steps, and more epochs, of adapters: the end is that of one run. */
    @Test
    public void aFinishedFineTuningGoesOn() throws Exception {
        String options =
                " --batch 4 --length 24 --eval-tokens 96 --lora 2 --merge --schedule constant"
                        + " --warmup 0 --eval-every 4";
        Path out = newFolder();
        run(text, out, "--steps 4" + options);
        run(text, out, "--steps 8 --resume" + options);
        Path whole = newFolder();
        run(text, whole, "--steps 8" + options);
        for (String file : List.of("model.safetensors", "adapter/adapter_model.safetensors")) {
            Assert.assertEquals(Files.mismatch(out.resolve(file), whole.resolve(file)), -1, file);
        }
        CommandRun fewer = CommandRun.of(args(text, out, "--steps 6 --resume" + options));
        Assert.assertTrue(fewer.out().contains("it made 8 steps"), fewer.out());
    }

    /** A run of adapters that was stopped has them beside its checkpoint. */
    @Test
    public void adaptersOfAStoppedRunAreFound() throws Exception {
        Path out = newFolder();
        FineTuning.builder()
                .setModel(base.toString())
                .setTask(Task.LM)
                .setTexts(TrainingTexts.builder().setPaths(List.of(text)).build())
                .setOptions(TrainingOptions.builder().optSteps(6).build())
                .setFolder(new TrainingFolder(out, false))
                .optLength(24)
                .optLora(LoRA.builder().setRank(2))
                .optStarting(run -> run.addListener(new TinyTraining.Stop(run, 2)))
                .build()
                .run();
        Assert.assertFalse(Files.exists(out.resolve("adapter")));
        String[] generate = {"generate", "--model", "" + base, "--prompt", "p", "--json"};
        String[] adapter = {"--adapter", "" + out.resolve("adapter"), "--max-new-tokens", "2"};
        CommandRun.of(CommandRun.join(generate, adapter)).json();
        adapter[1] = out.toString(); // the folder of the run does as well
        CommandRun.of(CommandRun.join(generate, adapter)).json();
        generate[2] = out.toString();
        CommandRun.of(generate).assertFailure("name this folder as the adapter");
    }

    private FineTuning.Result tune(Path folder, boolean resume, long stopAfter) throws Exception {
        TrainingTexts texts =
                TrainingTexts.builder().setPaths(List.of(rows)).optLabelField("label").build();
        return FineTuning.builder()
                .setModel(base.toString())
                .setTask(Task.CLASSIFY)
                .setTexts(texts)
                .setOptions(TrainingOptions.builder().optSteps(6).optLearningRate(0.01f).build())
                .setFolder(new TrainingFolder(folder, resume))
                .optEngine("PyTorch")
                .optLength(16)
                .optLora(LoRA.builder().setRank(2).optDropout(0.1))
                .optStarting(run -> run.addListener(new TinyTraining.Stop(run, stopAfter)))
                .build()
                .run();
    }
}
