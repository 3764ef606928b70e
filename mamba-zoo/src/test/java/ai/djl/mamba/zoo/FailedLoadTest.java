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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.checkpoint.Checkpoint;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.repository.zoo.Criteria;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** A load that fails frees at once what it has allocated, wherever it fails. */
public class FailedLoadTest extends EngineSuite {

    private static final int TIMES = 20;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public FailedLoadTest(EngineSetup engine) {
        super(engine);
    }

    private static Path copy() throws Exception {
        return Fixtures.copy("hf-tiny", TempFiles.folder("mamba-failed"));
    }

    private static Path withSize(String key, int size) throws Exception {
        Path folder = copy();
        Fixtures.edit(folder, config -> config.addProperty(key, size));
        return folder;
    }

    private static Path withTokenizer(String content) throws Exception {
        Path folder = copy();
        Files.writeString(folder.resolve("tokenizer.json"), content);
        return folder;
    }

    private static Path classifierWithoutLabels() throws Exception {
        Path folder = copy();
        Fixtures.edit(
                folder,
                config -> {
                    JsonArray names = new JsonArray();
                    names.add("MambaForSequenceClassification");
                    config.add("architectures", names);
                    config.add("id2label", new JsonObject());
                });
        return folder;
    }

    private static Path otherAdapter() throws Exception {
        Path folder = Fixtures.copy("peft-tiny", TempFiles.folder("mamba-failed"));
        Path config = folder.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"r\": 3", "\"r\": 4"));
        return folder;
    }

    private Criteria<?, ?> criteria(
            Path folder,
            Class<?> input,
            Class<?> output,
            UnaryOperator<Criteria.Builder<?, ?>> more) {
        Criteria.Builder<?, ?> builder =
                Criteria.builder()
                        .setTypes(input, output)
                        .optModelPath(folder)
                        .optEngine(engineName)
                        .optDevice(device());
        return more.apply(builder).build();
    }

    private Callable<?> load(
            Path folder,
            Class<?> input,
            Class<?> output,
            UnaryOperator<Criteria.Builder<?, ?>> more) {
        return () -> criteria(folder, input, output, more).loadModel();
    }

    private Callable<?> ids(Path folder, UnaryOperator<Criteria.Builder<?, ?>> more) {
        return load(folder, NDList.class, NDList.class, more);
    }

    private Callable<?> text(Path folder, UnaryOperator<Criteria.Builder<?, ?>> more) {
        return load(folder, String.class, String.class, more);
    }

    /** Where a load can fail, as a maker of loads, since their files live for one test only. */
    private enum Failure {
        MISSING {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.ids(withSize("num_hidden_layers", 3), b -> b);
            }
        },
        SHAPE {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.ids(withSize("state_size", 9), b -> b);
            }
        },
        ADAPTER_MISSING {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.ids(copy(), b -> b.optArgument(MambaModels.ADAPTER, "/nothing/here"));
            }
        },
        ADAPTER_SHAPE {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                String adapter = otherAdapter().toString();
                return test.ids(copy(), b -> b.optArgument(MambaModels.ADAPTER, adapter));
            }
        },
        TYPE {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.ids(copy(), b -> b.optArgument("dtype", "int8"));
            }
        },
        NO_TOKENIZER {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.text(copy(), b -> b);
            }
        },
        WRONG_TOKENIZER {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.text(withTokenizer("{}"), b -> b);
            }
        },
        OTHER_TASK {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.load(copy(), String.class, Classifications.class, b -> b);
            }
        },
        STREAM {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.load(copy(), String.class, TextStream.class, b -> b);
            }
        },
        NO_LABELS {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return test.ids(classifierWithoutLabels(), b -> b);
            }
        },
        OPTIONS {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                Path folder = copy();
                return test.load(
                        folder,
                        String.class,
                        String.class,
                        b -> b.optArgument("tokenizer", "bytes").optArgument("top_p", -2));
            }
        },
        FACADE {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                Path folder = withSize("vocab_size", 97);
                return () ->
                        TextModel.builder()
                                .setModel(folder.toString())
                                .optEngine(test.engineName)
                                .load();
            }
        },
        WRONG_END_OF_TEXT {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                Path folder = copy();
                Files.writeString(
                        folder.resolve("generation_config.json"), "{\"eos_token_id\": \"x\"}");
                return () ->
                        TextModel.builder()
                                .setModel(folder.toString())
                                .optEngine(test.engineName)
                                .load();
            }
        },
        INTERRUPTED {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                Path folder = copy();
                return () -> {
                    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                        Thread.currentThread().interrupt(); // closes the file when it is read
                        return checkpoint.load(test.manager, DataType.FLOAT32);
                    } finally {
                        Thread.interrupted();
                    }
                };
            }
        },
        ADAPTER_TWICE {
            @Override
            Callable<?> load(FailedLoadTest test) throws Exception {
                return () -> {
                    try (NDManager scratch = test.manager.newSubManager();
                            Checkpoint checkpoint = Checkpoint.open(Fixtures.folder("hf-tiny"))) {
                        var block = checkpoint.load(scratch, DataType.FLOAT32);
                        LoraCheckpoint.load(block, Fixtures.folder("peft-tiny"));
                        return LoraCheckpoint.load(block, Fixtures.folder("peft-tiny"));
                    }
                };
            }
        };

        abstract Callable<?> load(FailedLoadTest test) throws Exception;
    }

    @DataProvider
    public Object[][] failures() {
        return Engines.rows(List.of(Failure.values()));
    }

    @Test(dataProvider = "failures")
    public void leavesNoArrays(Failure failure) throws Exception {
        Callable<?> load = failure.load(this);
        NDManager top = manager;
        while (top.getParentManager() != null) {
            top = top.getParentManager();
        }
        fails(load); // what the engine makes once
        int before = top.getManagedArrays().size();
        for (int i = 0; i < TIMES; i++) {
            fails(load);
            Assert.assertEquals(top.getManagedArrays().size(), before, "arrays left open");
        }
    }

    private static void fails(Callable<?> load) {
        Assert.assertThrows(Exception.class, load::call);
    }
}
