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

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;

/** Rules for the packages of a module. */
public final class PackageRules {

    private PackageRules() {}

    /**
     * Fails where packages of a module depend on one another in a circle.
     *
     * @param anchor a class of the module's main code
     */
    public static void assertNoCycle(Class<?> anchor) {
        JavaClasses classes = new ClassFileImporter().importPath(classesOf(anchor));
        Assert.assertFalse(classes.isEmpty());
        SlicesRuleDefinition.slices()
                .assignedFrom(new Packages())
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    private static Path classesOf(Class<?> anchor) {
        try {
            Path path = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
            Assert.assertTrue(Files.exists(path), path.toString());
            return path;
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Each package by itself, without those below it. */
    private static final class Packages implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return SliceIdentifier.of(javaClass.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
