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
package ai.djl.mamba.ops.pytorch;

import ai.djl.mamba.internal.EngineCache;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds and loads the library behind {@link PyTorchLibrary}: the user's own build where {@link
 * PyTorchOpsProvider#LIBRARY} names one, or else the one in the resources, extracted to DJL's
 * cache.
 *
 * <p>A library built for another libtorch may crash the JVM, so this is checked before it is
 * loaded. Anything that prevents loading is reported as an {@link IOException} whose message
 * completes the sentence "The native operators cannot be used: …".
 */
final class NativeLibrary {

    private static final Logger logger = LoggerFactory.getLogger(NativeLibrary.class);

    /** The string in a library that states which libtorch it was built for. */
    private static final Pattern MARKER = Pattern.compile("MAMBA_BUILT_FOR_LIBTORCH=([^;]{1,40});");

    /** The string that follows it in a library whose functions take the arguments passed here. */
    private static final String INTERFACE = "MAMBA_INTERFACE=4;";

    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+");

    private NativeLibrary() {}

    /**
     * Loads the library.
     *
     * @param engineVersion the version of the engine, which starts with its libtorch version
     * @throws IOException if there is no library for this platform and libtorch
     * @throws LinkageError if the library cannot be linked
     */
    @SuppressWarnings("restricted") // in newer JDKs: loading is the purpose of this class
    static void load(String engineVersion) throws IOException {
        Matcher matcher = VERSION.matcher(engineVersion);
        String libtorch = matcher.lookingAt() ? matcher.group() : engineVersion;
        String named = System.getProperty(PyTorchOpsProvider.LIBRARY);
        Path file;
        if (named == null) {
            file = load(bundled(libtorch), cache(libtorch), System::load);
        } else {
            file = named(Path.of(named), libtorch);
            System.load(file.toAbsolutePath().toString());
        }
        requireVersion(file.toString(), PyTorchLibrary.builtFor(), libtorch);
        logger.debug("Native operators from {}", file);
    }

    /**
     * Loads an extracted library from a folder or, if its files may not be executed, from a
     * temporary one.
     *
     * @param library the library
     * @param folder the folder
     * @param loader loads a file
     * @return the file that was loaded
     * @throws IOException if it cannot be extracted, or executed from either folder
     */
    static Path load(ExtractedFile library, Path folder, Consumer<String> loader)
            throws IOException {
        Path file = library.in(folder);
        try {
            loader.accept(file.toAbsolutePath().toString());
            return file;
        } catch (UnsatisfiedLinkError e) {
            if (!EngineCache.isNotExecutable(e)) {
                throw e;
            }
            return loadElsewhere(library, file, e, loader);
        }
    }

    private static Path loadElsewhere(
            ExtractedFile library, Path file, UnsatisfiedLinkError e, Consumer<String> loader)
            throws IOException {
        String refused = "be executed from " + file.getParent();
        Path elsewhere = library.temporary(refused, e);
        try {
            loader.accept(elsewhere.toAbsolutePath().toString());
            return elsewhere;
        } catch (UnsatisfiedLinkError again) {
            throw new IOException(
                    String.format(
                            "%s can neither %s (%s) nor from a temporary folder (%s): %s",
                            file.getFileName(),
                            refused,
                            e.getMessage(),
                            again.getMessage(),
                            EngineCache.SETTING),
                    again);
        }
    }

    private static Path named(Path file, String libtorch) throws IOException {
        String what = file + ", which -D" + PyTorchOpsProvider.LIBRARY + " names,";
        if (!Files.isRegularFile(file)) {
            throw new IOException(what + " is not a file");
        }
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        Matcher marker = MARKER.matcher(content);
        if (!marker.find()) {
            throw new IOException(what + " does not say which libtorch it was built for");
        }
        requireVersion(what, marker.group(1), libtorch);
        if (!content.contains(INTERFACE)) {
            throw new IOException(
                    what + " was built from the sources of another version of Mamba for DJL");
        }
        return file;
    }

    private static void requireVersion(String what, String found, String libtorch)
            throws IOException {
        if (!found.equals(libtorch)) {
            throw new IOException(
                    what + " was built for libtorch " + found + ", but this is " + libtorch);
        }
    }

    private static ExtractedFile bundled(String libtorch) throws IOException {
        String platform = platform();
        String folder = "/native/" + platform + '/';
        Properties properties = new Properties();
        try (InputStream in =
                NativeLibrary.class.getResourceAsStream(folder + "libmamba_torch.properties")) {
            if (in == null) {
                throw new IOException("none were built for " + platform);
            }
            properties.load(in);
        }
        String builtFor = properties.getProperty("libtorch");
        if (!libtorch.equals(builtFor)) {
            throw new IOException(
                    "they were built for libtorch " + builtFor + ", but this is " + libtorch);
        }
        String name = System.mapLibraryName("mamba_torch");
        return new ExtractedFile(folder + name, properties.getProperty("library"));
    }

    private static Path cache(String libtorch) {
        return Utils.getEngineCacheDir("mamba").resolve(libtorch + '-' + platform());
    }

    /** The platform under DJL's name for it; DJL's own class would look for GPUs first. */
    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        String prefix = os.startsWith("win") ? "win" : os.startsWith("mac") ? "osx" : os;
        return prefix + '-' + ("amd64".equals(arch) ? "x86_64" : arch);
    }
}
