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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The kinds that a command offers, by name: converts names and lists them in a help text. */
public abstract class KindNames implements ITypeConverter<ModelKind>, Iterable<String> {

    private final List<ModelKind> kinds;

    KindNames(Use use) {
        kinds = ModelKinds.all(use);
    }

    /** Those of {@code mamba train}. */
    public static final class OfTrain extends KindNames {

        OfTrain() {
            super(Use.TRAIN);
        }
    }

    /** Those of {@code mamba bench}. */
    public static final class OfBench extends KindNames {

        OfBench() {
            super(Use.BENCH);
        }
    }

    /** Those of {@code mamba compare}. */
    public static final class OfCompare extends KindNames {

        OfCompare() {
            super(Use.COMPARE);
        }
    }

    /** Those of {@code mamba synthetic}. */
    public static final class OfSynthetic extends KindNames {

        OfSynthetic() {
            super(Use.COPYING);
        }
    }

    @Override
    public ModelKind convert(String name) {
        return kinds.stream()
                .filter(kind -> kind.toString().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new TypeConversionException(
                                        String.format(
                                                "expected one of %s (case-insensitive) but was '%s'",
                                                kinds, name)));
    }

    @Override
    public Iterator<String> iterator() {
        return kinds.stream().map(ModelKind::toString).iterator();
    }
}
