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
package ai.djl.mamba;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceStack;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.training.LoRA;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** A file of other parameters is refused by name, and the block keeps what it had. */
public class ParameterFilesTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ParameterFilesTest(EngineSetup engine) {
        super(engine);
    }

    private static Supplier<Block> of(Supplier<Block> block) {
        return block;
    }

    /** A block, another of the same class whose file it must not take, and what the error names. */
    @DataProvider
    public static Object[][] others() {
        return new Object[][] {
            {
                of(() -> SelectiveSSM.builder().optStateSize(8).build()),
                of(() -> SelectiveSSM.builder().optStateSize(16).build()),
                "SelectiveSSM: expected A_log of shape (4, 8), got (4, 16) of type float32"
            },
            {
                of(() -> MambaBlock.builder().optExpand(2).build()),
                of(() -> MambaBlock.builder().optExpand(3).build()),
                "MambaBlock: expected 01in_proj_weight of shape (16, 4), got (24, 4)"
            },
            {
                of(() -> MambaBlock.builder().optConvKernel(3).build()),
                of(() -> MambaBlock.builder().optConvKernel(4).build()),
                "MambaBlock: expected 02conv1d_weight of shape (8, 1, 3), got (8, 1, 4)"
            },
            {
                of(() -> Mamba2Block.builder().optHeadSize(2).build()),
                of(() -> Mamba2Block.builder().optHeadSize(4).build()),
                "Mamba2Block: expected 01in_proj_weight of shape (276, 4), got (274, 4)"
            },
            {
                of(() -> SSD.builder().optHeadSize(2).optStateSize(8).build()),
                of(() -> SSD.builder().optHeadSize(2).optStateSize(4).build()),
                "SSD: expected 01x_proj_weight of shape (18, 4), got (10, 4)"
            },
            {
                of(() -> S4D.builder().optStateSize(8).build()),
                of(() -> S4D.builder().optStateSize(4).build()),
                "S4D: expected"
            },
            {
                of(() -> CausalConv1d.builder().setKernel(2).build()),
                of(() -> CausalConv1d.builder().setKernel(3).build()),
                "CausalConv1d: expected weight of shape (4, 1, 2), got (4, 1, 3)"
            },
            {
                of(() -> new Projection(3, true)),
                of(() -> new Projection(5, true)),
                "Projection: expected weight of shape (3, 4), got (5, 4)"
            },
            {
                of(() -> adapted(2)),
                of(() -> adapted(3)),
                "MambaBlock: expected 01in_proj_lora_A of shape (2, 4), got (3, 4)"
            },
            {
                of(() -> MambaBlock.builder().build()),
                of(() -> adapted(3)),
                "MambaBlock: not a file of its parameters at 02conv1d_weight, after 1 of its 9"
                        + " parameters: "
            },
            {
                of(() -> MambaBlock.builder().build()),
                of(() -> Mamba2Block.builder().optHeadSize(2).build()),
                "MambaBlock: "
            },
            {
                of(() -> new SequentialBlock().add(new Projection(3, true))),
                of(() -> new SequentialBlock().add(new Projection(5, true))),
                "Projection: expected weight of shape (3, 4), got (5, 4)"
            }
        };
    }

    private static Block stack(int units) {
        return SequenceStack.builder()
                .add(MambaBlock.builder().build())
                .add(Linear.builder().setUnits(units).build())
                .build();
    }

    private static Block adapted(int rank) {
        MambaBlock block = MambaBlock.builder().build();
        LoRA.builder().setRank(rank).build().apply(block, null);
        return block;
    }

    private Block initialized(Supplier<Block> block, long width) {
        return initialized(block, DataType.FLOAT32, width);
    }

    private Block initialized(Supplier<Block> block, DataType type, long width) {
        Block made = block.get();
        made.initialize(manager, type, new Shape(1, 1, width));
        return made;
    }

    private static byte[] save(Block block) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        block.saveParameters(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private void load(Block block, byte[] bytes) throws IOException, MalformedModelException {
        block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    /** A block that is initialized keeps its parameters, another can still be initialized. */
    private void assertRefused(Supplier<Block> maker, byte[] bytes, String start)
            throws IOException {
        Block block = initialized(maker, 4);
        NDList arrays = new NDList();
        block.getParameters().values().forEach(p -> arrays.add(p.getArray()));
        byte[] before = arrays.encode();
        Exception e = Assert.expectThrows(MalformedModelException.class, () -> load(block, bytes));
        Assert.assertTrue(e.getMessage().startsWith(start), e.getMessage());
        for (int i = 0; i < arrays.size(); i++) {
            Assert.assertSame(block.getParameters().valueAt(i).getArray(), arrays.get(i));
        }
        Assert.assertEquals(arrays.encode(), before);
        Block fresh = maker.get();
        e = Assert.expectThrows(MalformedModelException.class, () -> load(fresh, bytes));
        Assert.assertTrue(e.getMessage().startsWith(start), e.getMessage());
        for (int i = 0; i < arrays.size(); i++) {
            Parameter parameter = fresh.getParameters().valueAt(i);
            Assert.assertFalse(parameter.isInitialized(), parameter.getName());
            Assert.assertEquals(
                    parameter.requiresGradient(),
                    block.getParameters().valueAt(i).requiresGradient(),
                    parameter.getName());
        }
        fresh.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 4));
        for (int i = 0; i < arrays.size(); i++) {
            NDArray array = fresh.getParameters().valueAt(i).getArray();
            Assert.assertEquals(array.getShape(), arrays.get(i).getShape());
        }
    }

    @Test(dataProvider = "others")
    public void anotherBlocksFileIsRefused(
            Supplier<Block> block, Supplier<Block> other, String message) throws IOException {
        assertRefused(block, save(initialized(other, 4)), message);
    }

    /** They remember the sizes that they read, but keep their parameters. */
    @Test
    public void childrenOfDjlAreChecked() throws IOException {
        Block block = initialized(() -> stack(3), 4);
        NDArray weight = block.getParameters().get("02Linear_weight").getArray();
        byte[] other = save(initialized(() -> stack(5), 4));
        Exception e = Assert.expectThrows(MalformedModelException.class, () -> load(block, other));
        Assert.assertTrue(
                e.getMessage()
                        .startsWith(
                                "SequenceStack: expected 02Linear_weight of shape (3, 4), got (5, 4)"),
                e.getMessage());
        Assert.assertSame(block.getParameters().get("02Linear_weight").getArray(), weight);
    }

    @Test
    public void anotherWidthIsRefused() throws IOException, MalformedModelException {
        Block block = MambaBlock.builder().build();
        byte[] wide = save(initialized(() -> MambaBlock.builder().build(), 6));
        load(block, wide); // as wide as its input is to be
        Assert.assertEquals(save(block), wide);
        Block narrow = initialized(() -> MambaBlock.builder().build(), 4);
        Exception e = Assert.expectThrows(MalformedModelException.class, () -> load(narrow, wide));
        Assert.assertEquals(
                e.getMessage(),
                "MambaBlock: expected 01in_proj_weight of shape (16, 4), got (24, 6) of type float32"
                        + " in the file");
        RMSNorm norm = new RMSNorm(1e-5);
        norm.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
        RMSNorm wider = new RMSNorm(1e-5);
        wider.initialize(manager, DataType.FLOAT32, new Shape(1, 5));
        byte[] bytes = save(wider);
        e = Assert.expectThrows(MalformedModelException.class, () -> load(norm, bytes));
        Assert.assertTrue(e.getMessage().startsWith("RMSNorm: expected"), e.getMessage());
    }

    @Test
    public void otherTypesAreLoadedButNotIntegers() throws IOException, MalformedModelException {
        Supplier<Block> maker = () -> MambaBlock.builder().build();
        byte[] wide = save(initialized(maker, DataType.FLOAT64, 4));
        Block block = initialized(maker, 4);
        load(block, wide);
        Assert.assertEquals(save(block), wide);
        Block integers = new Projection(3, false);
        Parameter weight = integers.getParameters().valueAt(0);
        weight.setArray(manager.ones(new Shape(3, 4), DataType.INT32));
        Block projection = initialized(() -> new Projection(3, false), 4);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] whole = save(projection);
        int start = whole.length - save(projection.getParameters().valueAt(0)).length;
        bytes.write(whole, 0, start);
        bytes.write(save(weight));
        Exception e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> load(projection, bytes.toByteArray()));
        Assert.assertTrue(e.getMessage().contains("got (3, 4) of type int32"), e.getMessage());
    }

    private static byte[] save(Parameter parameter) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        parameter.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Test
    public void truncatedFilesSayWhereTheyEnd() throws IOException {
        Supplier<Block> maker = () -> MambaBlock.builder().build();
        byte[] whole = save(initialized(maker, 4));
        assertRefused(maker, new byte[0], "MambaBlock: the file ends before the parameters");
        assertRefused(
                maker, Arrays.copyOf(whole, 3), "MambaBlock: the file ends before the parameters");
        assertRefused(
                maker,
                Arrays.copyOf(whole, whole.length / 2),
                "MambaBlock: the file ends in 03ssm_");
        assertRefused(
                maker,
                Arrays.copyOf(whole, whole.length - 1),
                "MambaBlock: the file ends in 04out_proj_weight, after 8 of its 9 parameters");
        Block empty = maker.get();
        byte[] start = Arrays.copyOf(whole, 30);
        Exception e = Assert.expectThrows(MalformedModelException.class, () -> load(empty, start));
        Assert.assertTrue(e.getMessage().startsWith("MambaBlock: the file ends "), e.getMessage());
    }

    @Test
    public void parametersThatWereNotSavedAreNamed() throws IOException {
        Block saved = initialized(() -> new Projection(3, true), 4);
        saved.getParameters().valueAt(1).close();
        assertRefused(
                () -> new Projection(3, true),
                save(saved),
                "Projection: the file holds no value of bias");
    }

    @Test
    public void damagedFilesAreRefusedByName() throws IOException {
        byte[] bytes = save(initialized(() -> new Projection(3, true), 4));
        assertRefused(
                () -> new Projection(3, true), replaced(bytes, "NDAR", "NDXX"), "Projection: ");
        assertRefused(
                () -> new Projection(3, true),
                replaced(bytes, "FLOAT32", "FLOAT99"),
                "Projection: not a file of its parameters at weight, after 0 of its 2 parameters");
    }

    /** Neither counts nor sizes in a file are believed. */
    @Test
    public void forgedSizesAreRefused() throws IOException {
        Supplier<Block> maker = () -> new Projection(3, true);
        byte[] sound = save(initialized(maker, 4));
        int axes = 1 + Integer.BYTES; // behind the version and the number of shapes
        assertForged(maker, sound, 1, 1 << 30, "expected at most 64 shapes, found 1073741824");
        assertForged(maker, sound, 1, -1, "expected at most 64 shapes, found -1");
        assertForged(maker, sound, axes, 1 << 30, "expected at most 32 axes, found 1073741824");
        int type = new String(sound, StandardCharsets.ISO_8859_1).indexOf("FLOAT32");
        byte[] wide = replaced(sound, "FLOAT32", "FLOAT64");
        assertForged(maker, wide, type + 7, 2, "expected 96 bytes of an array of type float64");
        assertForged(maker, sound, type + 7, -1, "expected at most 32 axes, found -1");
        int length = type + 7 + 2 * (Integer.BYTES + Long.BYTES + Character.BYTES) + 1;
        assertForged(
                maker, sound, length, 1 << 30, "expected 48 bytes of an array of type float32");
        assertForged(maker, sound, length, -48, "and shape (3, 4), found -48");
    }

    private void assertForged(Supplier<Block> maker, byte[] sound, int at, int value, String words)
            throws IOException {
        byte[] forged = ByteBuffer.wrap(sound.clone()).putInt(at, value).array();
        assertRefused(maker, forged, "Projection: not a file of its parameters");
        Exception e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> load(initialized(maker, 4), forged));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    /** DJL's LayerNorm allocates by the number of axes that it reads. */
    @Test
    public void theShapesOfLayerNormsAreChecked() throws IOException {
        Supplier<Block> maker =
                () ->
                        ResidualBlock.builder()
                                .setMixer(S4D.builder().build())
                                .optNorm(LayerNorm.builder().axis(2).build())
                                .build();
        byte[] sound = save(initialized(maker, 4));
        byte[] norm = save(((ResidualBlock) initialized(maker, 4)).getChildren().valueAt(0));
        int start =
                new String(sound, StandardCharsets.ISO_8859_1)
                        .indexOf(new String(norm, StandardCharsets.ISO_8859_1));
        byte[] forged = ByteBuffer.wrap(sound.clone()).putInt(start + 1, 1 << 30).array();
        Exception e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> load(initialized(maker, 4), forged));
        Assert.assertTrue(
                e.getMessage().contains("expected at most 64 shapes, found 1073741824"),
                e.getMessage());
    }

    private static byte[] replaced(byte[] bytes, String old, String with) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.replace(old, with).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Of a classifier nothing but the parameters is saved. */
    @Test
    public void modelsOfDjlAreChecked() throws IOException {
        Path folder = TempFiles.folder("params");
        try (Model model = Model.newInstance("c", device(), engineName)) {
            Block block = classifier(16);
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            model.save(folder, "c");
        }
        try (Model model = Model.newInstance("c", device(), engineName)) {
            model.setBlock(classifier(8));
            Exception e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> model.load(folder, "c"));
            Assert.assertTrue(
                    e.getMessage()
                            .startsWith(
                                    "MambaClassifier: expected 01backbone_01layer_02mixer_03ssm_A_log of shape (8, 8), got (8, 16)"),
                    e.getMessage());
        }
    }

    private static Block classifier(int states) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(7)
                        .setModelSize(4)
                        .setNumLayers(2)
                        .optNorm(Norm.DEFAULT)
                        .optMixer(MambaOptions.builder().optStateSize(states).build())
                        .build();
        return MambaClassifier.builder().setConfig(config).setNumClasses(2).build();
    }
}
