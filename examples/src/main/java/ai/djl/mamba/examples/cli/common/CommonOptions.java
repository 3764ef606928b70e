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

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.internal.EngineCache;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options that all commands share. */
public final class CommonOptions {

    /** The name that lets {@link #openEngine} choose the device. */
    private static final String AUTO = "auto";

    private static final Pattern DEVICE = Pattern.compile("auto|cpu|gpu[0-9]{0,3}");

    /** The engines on which the layers run, and their dependencies. */
    @SuppressWarnings("ImmutableEnumChecker") // strings only
    enum EngineName {
        /** PyTorch. */
        PYTORCH("PyTorch", "ai.djl.pytorch:pytorch-engine, pytorch-jni and pytorch-native-cpu"),
        /** MXNet. */
        MXNET("MXNet", "ai.djl.mxnet:mxnet-engine and mxnet-native-mkl");

        private final String djlName;
        private final String dependencies;

        static final class Converter implements ITypeConverter<EngineName> {

            @Override
            public EngineName convert(String name) {
                return Arrays.stream(values())
                        .filter(engine -> engine.djlName.equalsIgnoreCase(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new TypeConversionException(
                                                String.format(
                                                        "expected one of %s (case-insensitive) but"
                                                                + " was '%s'",
                                                        Arrays.toString(values()), name)));
            }
        }

        EngineName(String djlName, String dependencies) {
            this.djlName = djlName;
            this.dependencies = dependencies;
        }

        @Override
        public String toString() {
            return djlName;
        }
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            converter = EngineName.Converter.class,
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})",
            defaultValue = "PyTorch")
    private EngineName engine;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description =
                    "cpu, gpu0, gpu1, …, or auto: the first GPU that the engine sees, else the CPU"
                            + " (default: ${DEFAULT-VALUE})",
            defaultValue = "cpu")
    private String device;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "seed of all random numbers (default: ${DEFAULT-VALUE})",
            defaultValue = "0")
    private int seed;

    @Mixin private OutputOptions outputOptions;

    private CommonOptions() {}

    /** The defaults of commands that measure: they use a GPU if there is one. */
    public static final class AutoDevice implements IDefaultValueProvider {

        AutoDevice() {}

        @Override
        public String defaultValue(ArgSpec argument) {
            boolean isDevice =
                    argument instanceof OptionSpec option
                            && option.longestName().equals("--device");
            return isDevice ? AUTO : null;
        }
    }

    /**
     * Loads the engine, seeds it, and checks the device.
     *
     * @return the engine
     */
    public Engine openEngine() {
        if (!DEVICE.matcher(device).matches()) {
            throw wrong("--device", "expected auto, cpu, gpu0, gpu1, …, got '" + device + "'");
        }
        Engine loaded = loadEngine();
        int gpus = loaded.getGpuCount();
        if (AUTO.equals(device)) {
            device = gpus > 0 ? "gpu0" : "cpu";
        }
        if (device().isGpu() && device().getDeviceId() >= gpus) {
            throw new Failure(
                    String.format(
                            "there is no device %s: %s sees %d GPUs here", device, engine, gpus));
        }
        loaded.setRandomSeed(seed);
        return loaded;
    }

    private Engine loadEngine() {
        if (!Engine.hasEngine(engine.djlName)) {
            throw new Failure(
                    String.format(
                            "the engine %s is not on the class path: add the dependencies %s",
                            engine, engine.dependencies));
        }
        try {
            return Engine.getEngine(engine.djlName);
        } catch (RuntimeException | LinkageError e) {
            String problem = EngineCache.problem(e);
            if (problem != null) {
                throw new Failure("the engine " + engine + " does not load: " + problem, e);
            }
            throw new Failure(
                    String.format(
                            "the engine %s does not load (%s): are its dependencies %s of one"
                                    + " version and for this platform?",
                            engine, e.getMessage(), engine.dependencies),
                    e);
        }
    }

    /**
     * Returns the device.
     *
     * @return the device; after {@link #openEngine} it exists
     */
    public Device device() {
        if ("cpu".equals(device)) {
            return Device.cpu();
        }
        return device.length() == 3
                ? Device.gpu()
                : Device.gpu(Integer.parseInt(device.substring(3)));
    }

    /**
     * Returns the name of the device.
     *
     * @return such as gpu0
     */
    public String deviceName() {
        return device;
    }

    /**
     * Returns the seed.
     *
     * @return the seed of all random numbers
     */
    public int seed() {
        return seed;
    }

    /**
     * Returns the options for a child process.
     *
     * @return engine, device and seed; after {@link #openEngine} the device is a certain one
     */
    public List<String> arguments() {
        return List.of(
                "--engine", engine.toString(), "--device", device, "--seed", String.valueOf(seed));
    }

    /**
     * Checks a size.
     *
     * @param option the option
     * @param value its value, or {@code null} if it was not given
     * @param min the smallest value allowed
     * @throws ParameterException if the value is smaller
     */
    public void atLeast(String option, Integer value, int min) {
        require(
                option,
                value == null || value >= min,
                "expected at least " + min + ", got " + value);
    }

    /**
     * Checks an option.
     *
     * @param option the option
     * @param condition what must be true
     * @param what the message otherwise
     * @throws ParameterException if the condition is false
     */
    public void require(String option, boolean condition, String what) {
        if (!condition) {
            throw wrong(option, what);
        }
    }

    private ParameterException wrong(String option, String what) {
        return wrong("Invalid value for option '" + option + "': " + what);
    }

    /**
     * Creates the exception for wrong usage.
     *
     * @param what the message
     * @return the exception
     */
    public ParameterException wrong(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    /**
     * Returns where the command writes.
     *
     * @return the output
     */
    public Output output() {
        return outputOptions.of(spec.commandLine());
    }
}
