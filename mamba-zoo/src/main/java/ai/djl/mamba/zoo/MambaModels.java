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

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Nearest;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.hub.HubId;
import ai.djl.mamba.zoo.internal.model.RunFolder;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds models by name, hub id or folder. */
public final class MambaModels {

    /**
     * The argument of the criteria that names a folder with adapters, see {@link
     * ai.djl.mamba.zoo.checkpoint.LoraCheckpoint}: {@code criteria.optArgument(ADAPTER, folder)}.
     */
    public static final String ADAPTER = "adapter";

    /**
     * The argument that decides whether adapters become part of the weights, so that they cost no
     * time (default: true). Otherwise they stay separate, frozen.
     */
    public static final String MERGE_ADAPTER = "mergeAdapter";

    private static final Logger LOGGER = LoggerFactory.getLogger(MambaModels.class);

    private static final String HUB = HubRepository.SCHEME + "://";

    private MambaModels() {}

    /**
     * Starts the criteria for a model.
     *
     * @param model a folder with a checkpoint, or one in which a training run was stopped, which
     *     comes before a model of the same name; or else a name of {@link PretrainedModel#list} or
     *     {@link BundledModel#list}, or else a model of the hub as owner/name, or hf://owner/name
     *     where there is a folder {@code owner}
     * @param input the input type of the predictors, see {@link MambaTranslatorFactory}
     * @param output their output type
     * @param <I> the input type
     * @param <O> the output type
     * @return criteria that name the model, to be completed with engine, device, arguments
     * @throws ModelNotFoundException if it is none of these, or the folder does not hold a Mamba
     *     model; the message says why
     */
    public static <I, O> Criteria.Builder<I, O> criteria(
            String model, Class<I> input, Class<O> output) throws ModelNotFoundException {
        Objects.requireNonNull(model, "model");
        Criteria.Builder<I, O> criteria = Criteria.builder().setTypes(input, output);
        Path folder = folder(model);
        boolean isName =
                PretrainedModel.find(model).isPresent() || BundledModel.find(model).isPresent();
        if (folder != null) {
            if (isName) {
                LOGGER.warn(
                        "{}: the folder {} is loaded, not the model that the zoo knows by this name",
                        model,
                        folder.toAbsolutePath());
            }
            return criteria.optModelZoo(new FolderZoo(checked(folder)));
        }
        if (isName) {
            return criteria.optGroupId(MambaModelZoo.GROUP_ID).optArtifactId(model);
        }
        if (isOfHub(model)) {
            return criteria.optModelUrls(model.startsWith(HUB) ? model : HUB + model);
        }
        throw new ModelNotFoundException(notFound(model));
    }

    /** A name in a folder that is here is a typo rather than a model of the hub. */
    private static boolean isOfHub(String model) {
        if (model.startsWith(HUB)) {
            return HubId.isHubId(model.substring(HUB.length()));
        }
        return HubId.isHubId(model)
                && path(model).map(Path::getParent).filter(Files::isDirectory).isEmpty();
    }

    private static String notFound(String model) {
        if (isFile(model)) {
            return model + " is a file: a model is the folder of its config.json";
        }
        if (isPath(model)) {
            return HubId.isHubId(model)
                    ? String.format("%1$s: no such folder; %2$s%1$s is one of the hub", model, HUB)
                    : model + ": no such folder";
        }
        return String.format(
                "%s: no such folder, and neither the name of a model that the zoo knows nor a model"
                        + " of the hub (owner/name)%s",
                model, Nearest.hint(model, names()));
    }

    /** The names of all models that the zoo knows. */
    private static List<String> names() {
        return Stream.concat(
                        BundledModel.list().stream().map(BundledModel::name),
                        PretrainedModel.list().stream().map(PretrainedModel::name))
                .toList();
    }

    private static boolean isPath(String model) {
        return model.contains("/") || model.contains("\\");
    }

    /** DJL would look for models of other kinds in the folder, and report that there are none. */
    private static Path checked(Path folder) throws ModelNotFoundException {
        try {
            Path newest = RunFolder.newestModel(folder);
            MambaCheckpoint.check(newest);
            return newest;
        } catch (IOException | MalformedModelException e) {
            throw new ModelNotFoundException(e.getMessage(), e);
        }
    }

    private static Path folder(String model) {
        return path(model).filter(Files::isDirectory).orElse(null);
    }

    private static boolean isFile(String model) {
        return path(model).filter(Files::isRegularFile).isPresent();
    }

    private static Optional<Path> path(String model) {
        try {
            return model.isEmpty() ? Optional.empty() : Optional.of(Path.of(model));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
