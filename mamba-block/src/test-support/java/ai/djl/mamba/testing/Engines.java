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
package ai.djl.mamba.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;

/** The engine matrix: data providers for the factories of suites, and the parts of such. */
public final class Engines {

    private Engines() {}

    /** For a constructor that takes an engine: a suite for each of them. */
    @DataProvider
    public static Object[][] each() {
        return each(new Object[][] {{}});
    }

    /** Crosses the engines with the other arguments of a constructor. */
    public static Object[][] each(Object[][] variants) {
        return cross(variants, EngineSetup.PYTORCH, EngineSetup.MXNET);
    }

    /** The same, and once more on PyTorch without the native operators. */
    public static Object[][] eachAndComposed(Object[][] variants) {
        return cross(
                variants, EngineSetup.PYTORCH, EngineSetup.PYTORCH_COMPOSED, EngineSetup.MXNET);
    }

    /** A row of one argument for each value. */
    public static Object[][] rows(List<?> values) {
        return values.stream().map(value -> new Object[] {value}).toArray(Object[][]::new);
    }

    /** The rows whose engine, their first argument, this platform has. */
    public static Object[][] available(Object[]... rows) {
        return Arrays.stream(rows)
                .filter(row -> row[0] != EngineSetup.MXNET || hasMXNet())
                .toArray(Object[][]::new);
    }

    /** MXNet publishes no natives for Apple silicon. */
    private static boolean hasMXNet() {
        return !System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
    }

    private static Object[][] cross(Object[][] variants, EngineSetup... engines) {
        return available(
                Arrays.stream(engines)
                        .flatMap(
                                engine ->
                                        Arrays.stream(variants)
                                                .map(variant -> prepend(engine, variant)))
                        .toArray(Object[][]::new));
    }

    private static Object[] prepend(EngineSetup engine, Object[] variant) {
        return Stream.concat(Stream.of(engine), Arrays.stream(variant)).toArray();
    }
}
