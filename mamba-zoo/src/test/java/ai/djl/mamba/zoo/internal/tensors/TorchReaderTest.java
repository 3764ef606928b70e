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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Reading of PyTorch's files. Those in the folder {@code tensors} of the resources are made so:
 *
 * <pre>{@code
 * x = torch.randn(4, 6)
 * types = OrderedDict({str(t)[6:]: (x * 9).to(t) for t in (torch.float64, torch.float32,
 *     torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
 *     torch.uint8, torch.bool, torch.uint16)},
 *     scalar=torch.tensor(2.5), empty=torch.zeros(0, 3))
 * torch.save(types, "types.bin")
 * save_file(dict(types), "types.safetensors")  # from safetensors.torch
 *
 * y = torch.randn(3, 4, 5)
 * parameter = torch.nn.Parameter(torch.randn(2, 3).half())
 * views = {"whole": x, "tied": x, "rows": x[1:3], "columns": x[:, 2:5], "steps": x[::2, 1::3],
 *     "transposed": x.t(), "permuted": y.permute(2, 0, 1), "expanded": x[0].expand(3, 6),
 *     "repeated": y[1, 2, 3].expand(7), "single": y[:, 1:2, :].transpose(0, 1),
 *     "parameter": parameter, "half": parameter.data.t()}
 * torch.save(views, "views.bin")
 * save_file({k: v.detach().clone().contiguous() for k, v in views.items()}, "views.safetensors")
 *
 * model = torch.nn.Linear(3, 2)
 * torch.save({"epoch": 3, "rate": 0.5, "none": None, "list": [1, (2, -3), {4: "five"}],
 *     "big": 1 << 40, "type": torch.float16, "size": torch.Size([2]),
 *     "optimizer": {"state": {}}, "state_dict": model.state_dict()}, "wrapped.bin")
 * save_file(model.state_dict(), "wrapped.safetensors")
 * torch.save(model.state_dict(), "protocol4.bin", pickle_protocol=4)
 * torch.save(model.state_dict(), "legacy.bin", _use_new_zipfile_serialization=False)
 * # attributes.bin: the same tensors as parameters with an attribute, p._no_weight_decay = True
 * torch.jit.script(torch.nn.Linear(1, 1)).save("script.bin")
 * # flat.bin: the records of protocol4.bin in an archive without a folder; big.bin: with the
 * # record byteorder "big"; deflated.bin: compressed; script.bin: without its debug_pkl
 * }</pre>
 */
public class TorchReaderTest extends EngineSuite {

    private static final Set<String> FLOATS = Set.of("F64", "F32", "F16", "BF16");

    public TorchReaderTest() {
        super(EngineSetup.PYTORCH);
    }

    @DataProvider
    public Object[][] files() {
        return new Object[][] {
            {"types.bin", "types.safetensors"},
            {"views.bin", "views.safetensors"},
            {"wrapped.bin", "wrapped.safetensors"},
            {"protocol4.bin", "wrapped.safetensors"},
            {"flat.bin", "wrapped.safetensors"},
            {"attributes.bin", "wrapped.safetensors"},
        };
    }

    @Test(dataProvider = "files")
    public void readsWhatTorchSaved(String name, String expectedName) throws Exception {
        try (TensorSource read = new TorchReader(TorchArchives.resource(name));
                TensorSource expected =
                        new SafetensorsReader(TorchArchives.resource(expectedName))) {
            Assert.assertEquals(read.tensors().keySet(), expected.tensors().keySet());
            assertSame(read, expected);
        }
    }

    private void assertSame(TensorSource read, TensorSource expected) throws Exception {
        for (Map.Entry<String, TensorInfo> tensor : expected.tensors().entrySet()) {
            String name = tensor.getKey();
            Assert.assertEquals(read.tensors().get(name), tensor.getValue(), name);
            if (!FLOATS.contains(tensor.getValue().dtype())) {
                continue;
            }
            for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
                NDArray array = read.read(manager, name, type);
                Assert.assertEquals(array.getShape(), tensor.getValue().shape(), name);
                Assert.assertEquals(array.getDataType(), type, name);
                Assert.assertEquals(
                        doubles(array), doubles(expected.read(manager, name, type)), name);
            }
        }
    }

    @Test
    public void readsTheCheckpointOfTheReference() throws Exception {
        Path folder = Path.of(getClass().getResource("/reference/original-tiny").toURI());
        try (TensorSource read = new TorchReader(folder.resolve("pytorch_model.bin"))) {
            Assert.assertEquals(read.tensors().size(), 33);
            Assert.assertEquals(
                    read.tensors().get("backbone.embedding.weight"),
                    new TensorInfo("F32", new Shape(96, 24), 9216));
            Assert.assertTrue(read.isSame("lm_head.weight", "backbone.embedding.weight"));
        }
    }

    @Test
    public void comparesTensors() throws Exception {
        try (TensorSource read = new TorchReader(TorchArchives.resource("views.bin"))) {
            Assert.assertTrue(read.isSame("whole", "tied"));
            Assert.assertFalse(read.isSame("whole", "transposed"));
            Assert.assertFalse(read.isSame("half", "transposed"));
            Assert.assertThrows(
                    IllegalArgumentException.class, () -> read.isSame("whole", "nothing"));
        }
    }

    @DataProvider
    public Object[][] otherFormats() {
        return new Object[][] {
            {"legacy.bin", "PyTorch before 1.6"},
            {"script.bin", "TorchScript"},
            {"big.bin", "byte order big"},
            {"deflated.bin", "compressed"},
            {"types.safetensors", "not a zip archive"},
        };
    }

    @Test(dataProvider = "otherFormats")
    public void namesFormatsItDoesNotRead(String name, String message) throws Exception {
        refuses(TorchArchives.resource(name), message);
    }

    private static void refuses(Path file, String message) {
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> new TorchReader(file).close());
        Assert.assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @DataProvider
    public Object[][] evilPickles() {
        String touch = "(" + TorchArchives.text("touch " + evidence()) + "tR.";
        return new Object[][] {
            {"cos\nsystem\n" + touch, "os.system"},
            {"cposix\nsystem\n" + touch, "posix.system"},
            {"cbuiltins\neval\n" + touch, "builtins.eval"},
            {"c__builtin__\neval\n" + touch, "__builtin__.eval"},
            {"csubprocess\nPopen\n" + touch, "subprocess.Popen"},
            {"ctorch\nload\n" + touch, "torch.load"},
            {"ctorch._utils\n_rebuild_tensor_v2.__globals__\n" + touch, "not allowed"},
            {"\u008c\u0002os\u008c\u0006system\u0093" + touch, "os.system"},
            {"(" + TorchArchives.text("id") + "ios\nsystem\n.", "(i)"},
            {"ccollections\nOrderedDict\n)\u0081.", "0x81"},
            {"ccollections\nOrderedDict\n)R)R.", "not a function"},
            {"ccollections\nOrderedDict\n(I1\ntR.", "(I)"},
            {"ccollections\nOrderedDict\n(K\u0001tR.", "expected none"},
            {"\u0082\u0001.", "0x82"},
            {"P1\n.", "(P)"},
            {"K\u0001Q.", "persistent id"},
            {"}" + TorchArchives.text("a") + "ctorch\nFloatStorage\n}b.", "dictionary"},
            {"}K\u0001b.", "state"},
            {"}(K\u0001u.", "no value"},
            {"]}a.", "dictionary"},
            {"\u0080\u0001}.", "protocol 1"},
            {"\u0080\u0009}.", "protocol 9"},
            {"h\u0005.", "recall"},
            {"X\u00ff\u00ff\u00ff\u00ff.", "exceeds"},
            {"\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.", "exceeds"},
            {"\u008a\u00ff.", "too long"},
            {"X\u0001\0\0\0\u00ff.", "UTF-8"},
            {"}", "ends within"},
            {"", "ends within"},
            {".", "too few"},
            {"t.", "no mark"},
            {"}(K\u0001R.", "too few"},
            {"(".repeat(200_000), "ends within"},
        };
    }

    private static Path evidence() {
        return Path.of(System.getProperty("java.io.tmpdir"), "mamba-pickle-was-run");
    }

    @Test(dataProvider = "evilPickles")
    public void runsNothing(String pickle, String message) throws Exception {
        Files.deleteIfExists(evidence());
        refuses(archive(pickle), message);
        Assert.assertFalse(Files.exists(evidence()));
    }

    private static Path archive(String pickle) throws Exception {
        Map<String, byte[]> records = new LinkedHashMap<>();
        records.put("a/data.pkl", TorchArchives.pickle(pickle));
        records.put("a/data/0", new byte[24]);
        Path file = TempFiles.file("mamba", ".bin");
        return TorchArchives.write(file, records);
    }

    @DataProvider
    public Object[][] tensors() {
        long[] six = {6};
        long[] one = {1};
        long huge = Long.MAX_VALUE;
        return new Object[][] {
            {TorchArchives.tensor("0", 6, 0, six, one), null},
            {TorchArchives.tensor("0", 6, 3, new long[] {2, 2}, new long[] {1, 1}), null},
            {TorchArchives.tensor("0", 6, 6, new long[] {0}, one), null},
            {TorchArchives.tensor("0", 6, 0, new long[] {1}, new long[] {huge}), null},
            {TorchArchives.tensor("1", 6, 0, six, one), "no record data/1"},
            {TorchArchives.tensor("../0", 6, 0, six, one), "no record"},
            {TorchArchives.tensor("0", 7, 0, six, one), "exceeds its record"},
            {TorchArchives.tensor("0", huge, 0, six, one), "exceeds its record"},
            {TorchArchives.tensor("0", -1, 0, six, one), "exceeds its record"},
            {TorchArchives.tensor("0", 5, 0, six, one), "spans"},
            {TorchArchives.tensor("0", 6, 1, six, one), "spans"},
            {TorchArchives.tensor("0", 6, -1, six, one), "spans"},
            {TorchArchives.tensor("0", 6, 7, new long[] {0}, one), "spans"},
            {TorchArchives.tensor("0", 6, huge, one, one), "spans"},
            {TorchArchives.tensor("0", 6, 0, six, new long[] {2}), "spans"},
            {TorchArchives.tensor("0", 6, 0, six, new long[] {-1}), "negative"},
            {TorchArchives.tensor("0", 6, 0, new long[] {-6}, one), "negative"},
            {TorchArchives.tensor("0", 6, 0, six, new long[] {huge}), "impossible"},
            {TorchArchives.tensor("0", 6, 0, new long[] {huge}, new long[] {0}), "impossible"},
            {TorchArchives.tensor("0", 6, 0, new long[] {0, huge}, six), "2 sizes, but 1 strides"},
            {TorchArchives.tensor("0", 6, 0, new long[] {0, huge}, new long[2]), "impossible"},
            {TorchArchives.tensor("0", 6, 0, new long[] {1 << 28}, new long[1]), "too often"},
            {TorchArchives.tensor("0", 6, 0, new long[17], new long[17]), "more than 16"},
        };
    }

    @Test(dataProvider = "tensors")
    public void checksEveryElement(String tensor, String message) throws Exception {
        Path file = archive("}" + TorchArchives.text("t") + tensor + "s.");
        if (message != null) {
            refuses(file, message);
            return;
        }
        try (TensorSource read = new TorchReader(file)) {
            NDArray array = read.read(manager, "t", DataType.FLOAT32);
            Assert.assertEquals(array.getShape(), read.tensors().get("t").shape());
        }
    }

    /** Each of the tensors may be as large as that, but not all of them. */
    @Test
    public void viewsOfTheSameBytesAreLimitedTogether() throws Exception {
        StringBuilder pickle = new StringBuilder("}(");
        for (int i = 0; i < 17; i++) {
            pickle.append(TorchArchives.text("t" + i));
            pickle.append(TorchArchives.tensor("0", 6, 0, new long[] {1 << 20}, new long[1]));
        }
        refuses(archive(pickle + "u."), "the 17 tensors have 71303168 bytes, expected at most");
    }

    @Test
    public void recordsThatContradictThemselvesAreRefused() throws Exception {
        String tensor = TorchArchives.tensor("0", 6, 0, new long[] {6}, new long[] {1});
        byte[] sound = Files.readAllBytes(archive("}" + TorchArchives.text("t") + tensor + "s."));
        ByteBuffer bytes = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
        int entry = new String(sound, StandardCharsets.ISO_8859_1).lastIndexOf("PK\1\2");
        int compressed = entry + 20;
        int size = entry + 24;
        Path file = TempFiles.file("mamba", ".bin");
        Files.write(file, bytes.putInt(size, 25).array());
        refuses(
                file,
                "a record data/0 of 25 bytes which takes 24: its sizes contradict each other");
        Files.write(file, bytes.putInt(size, 1 << 30).putInt(compressed, 1 << 30).array());
        refuses(file, "is not a valid zip archive: data for a/data/0 overlaps with central");
    }

    @Test
    public void farMoreRecordsThanTensorsAreRefused() throws Exception {
        Map<String, byte[]> records = new LinkedHashMap<>();
        records.put("data.pkl", TorchArchives.pickle("}."));
        byte[] nothing = {};
        for (int i = 0; i < 110_000; i++) {
            records.put("data/" + i, nothing);
        }
        Path file = TorchArchives.write(TempFiles.file("mamba", ".bin"), records);
        refuses(file, "is not a valid zip archive: the names and places of its records have more");
    }

    @Test
    public void wantsOneDictionary() throws Exception {
        String tensor =
                TorchArchives.text("t")
                        + TorchArchives.tensor("0", 6, 0, new long[] {6}, new long[] {1});
        String wrapped = "}" + tensor + "s";
        String stateDict = TorchArchives.text("state_dict") + wrapped;
        String model = TorchArchives.text("model") + wrapped;
        refuses(archive("}(" + stateDict + model + "u."), "2 dictionaries");
        refuses(archive("}(" + model + model + "u."), "twice");
        refuses(archive("}" + TorchArchives.text("net") + wrapped + "s."), "keys are net");
        refuses(archive("}(" + tensor + tensor + "u."), "tensor t occurs twice");
        refuses(archive("K\u0001."), "not contain a dictionary");
        for (String pickle : new String[] {stateDict, model, tensor}) {
            try (TensorSource read = new TorchReader(archive("}" + pickle + "s."))) {
                Assert.assertEquals(read.tensors().keySet(), Set.of("t"));
            }
        }
    }
}
