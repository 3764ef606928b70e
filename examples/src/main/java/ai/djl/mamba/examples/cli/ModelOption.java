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

import ai.djl.MalformedModelException;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.internal.model.ModelTokenizer;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.util.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names a pretrained model. */
final class ModelOption {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description =
                    "a name that 'mamba zoo' lists, a model of the hub such as"
                            + " state-spaces/mamba-130m-hf, or a folder with a checkpoint")
    private String model;

    @Option(
            names = "--tokenizer",
            paramLabel = "TOKENIZER",
            description =
                    "folder or model of the hub with the tokenizer to use (default: the"
                            + " model's own)")
    private String tokenizer;

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description =
                    "folder with LoRA adapters of the model, as LoraCheckpoint or Hugging Face PEFT"
                            + " saves them; they are merged into its weights")
    private Path adapter;

    private ModelOption() {}

    /** The model, as the user named it. */
    String name() {
        return model;
    }

    /** The tokenizer that is named, or {@code null}. */
    String tokenizer() {
        return tokenizer;
    }

    /** The adapters that are named, or {@code null}. */
    Path adapter() {
        return adapter;
    }

    /** Loads the model in float32, from the hub if need be. */
    ZooModel<NDList, NDList> open(CommonOptions common)
            throws IOException, MalformedModelException, ModelNotFoundException {
        return open(common, "float32");
    }

    /** Loads the model with parameters of a type. */
    ZooModel<NDList, NDList> open(CommonOptions common, String type)
            throws IOException, MalformedModelException, ModelNotFoundException {
        String engine = common.openEngine().getEngineName();
        Criteria.Builder<NDList, NDList> criteria =
                MambaModels.criteria(model, NDList.class, NDList.class)
                        .optEngine(engine)
                        .optDevice(common.device())
                        .optArgument("dtype", type);
        if (tokenizer != null) {
            ModelTokenizer.check(tokenizer);
            criteria.optArgument(TextArguments.TOKENIZER, tokenizer);
        }
        if (adapter != null) {
            criteria.optArgument(MambaModels.ADAPTER, adapter.toString());
        }
        if (Output.isTerminal()) {
            criteria.optProgress(new ProgressBar());
        }
        return criteria.build().loadModel();
    }
}
