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

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Set;

/**
 * Which files and folders nobody but this user and root can change, so that a file may be checked
 * first and loaded later.
 *
 * <p>Such a file or folder belongs to this user or root, and neither others nor a group may write
 * to it; the group that bears its owner's name, by convention the user's private one, may. The same
 * holds for every folder above it, where a sticky folder such as {@code /tmp} will do, too: others
 * can add files there, but not rename what is ours. Access lists show in the permissions of the
 * group. Everything is trusted on file systems without POSIX attributes.
 */
final class OwnFiles {

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

    private static final int ROOT = 0;
    private static final int STICKY = 01000;
    private static final int GROUP_WRITES = 0020;
    private static final int OTHERS_WRITE = 0002;

    private OwnFiles() {}

    /** Returns how a new file is created that everybody may read, but only its owner may write. */
    static FileAttribute<?>[] file() {
        return attributes("rw-r--r--");
    }

    /**
     * Returns how a new folder is created that everybody may read, but only its owner may write.
     */
    static FileAttribute<?>[] folder() {
        return attributes("rwxr-xr-x");
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set)}
                : new FileAttribute<?>[0];
    }

    /**
     * Says who else could change the content of a folder.
     *
     * @param folder the folder, an absolute path without links
     * @return what is wrong, or {@code null} if nobody could
     * @throws IOException if it cannot be examined
     */
    static String folderProblem(Path folder) throws IOException {
        if (!POSIX) {
            return null;
        }
        String problem = problem(folder, false);
        for (Path above = folder.getParent();
                above != null && problem == null;
                above = above.getParent()) {
            problem = problem(above, true);
        }
        return problem;
    }

    /**
     * Says who else could change the content of a file in a folder that nobody else can change.
     *
     * @param file the file
     * @return what is wrong, or {@code null} if nobody could
     * @throws IOException if it cannot be examined
     */
    static String fileProblem(Path file) throws IOException {
        return POSIX ? problem(file, false) : null;
    }

    private static String problem(Path path, boolean sticky) throws IOException {
        Map<String, Object> found =
                Files.readAttributes(path, "unix:uid,mode,owner,group", LinkOption.NOFOLLOW_LINKS);
        int user = (Integer) found.get("uid");
        int mode = (Integer) found.get("mode");
        String owner = ((UserPrincipal) found.get("owner")).getName();
        if (user != ROOT && user != currentUser()) {
            return path + " belongs to " + owner + ", neither to this user nor to root";
        }
        if (sticky && (mode & STICKY) != 0) {
            return null;
        }
        if ((mode & OTHERS_WRITE) != 0) {
            return path + " may be written by all users";
        }
        String group = ((UserPrincipal) found.get("group")).getName();
        return (mode & GROUP_WRITES) != 0 && !group.equals(owner)
                ? path + " may be written by the group " + group
                : null;
    }

    /** Asks the system, since the property {@code user.name} can say anything. */
    private static int currentUser() throws IOException {
        Path self = Path.of("/proc/self");
        if (Files.exists(self)) {
            return (Integer) Files.getAttribute(self, "unix:uid");
        }
        Path probe = Files.createTempFile("mamba", null);
        try {
            return (Integer) Files.getAttribute(probe, "unix:uid");
        } finally {
            Files.delete(probe);
        }
    }
}
