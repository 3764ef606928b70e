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
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names that PyTorch's tools give to the wrappers that they put around a model or its parts:
 * {@code torch.compile}, {@code DataParallel}, FSDP and activation checkpointing. They become part
 * of the names of tensors.
 */
final class WrapperNames {

    private static final Logger logger = LoggerFactory.getLogger(WrapperNames.class);

    private static final Set<String> WRAPPERS =
            Set.of("_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    private WrapperNames() {}

    /**
     * Leaves the names of wrappers out of those of tensors, and says so in the log.
     *
     * @param source the tensors, closed with the result, or if this fails
     * @return the same tensors by the names that a model has
     * @throws MalformedModelException if two names become the same
     */
    static TensorSource strip(TensorSource source) throws IOException, MalformedModelException {
        Set<String> found =
                source.tensors().keySet().stream()
                        .flatMap(name -> Arrays.stream(name.split("\\.", -1)))
                        .filter(WRAPPERS::contains)
                        .collect(Collectors.toCollection(TreeSet::new));
        if (found.isEmpty()) {
            return source;
        }
        logger.warn(
                "{}: the names of tensors are read without those of wrappers: {}",
                source.path(),
                found);
        return RenamedSource.of(source, WrapperNames::strip);
    }

    /** Removes the names of wrappers from a name, wherever they are. */
    static String strip(String name) {
        return Arrays.stream(name.split("\\.", -1))
                .filter(part -> !WRAPPERS.contains(part))
                .collect(Collectors.joining("."));
    }
}
