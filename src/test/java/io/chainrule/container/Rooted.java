package io.chainrule.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands for which a folder is the root of the file system, as a container engine would run them; what is mounted for them nobody else
 * sees. It needs Linux, and root or namespaces of users.
 *
 * @param user as {@code USER} names it; empty for root
 * @param readOnly whether the root cannot be written to
 * @param mounts of volatile file systems, as {@code /tmp:size=16m}; they execute nothing, as those of Docker, unless they say {@code exec}
 */
record Rooted(Path root, String workdir, String user, boolean readOnly, List<String> mounts) {
    static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));
    private static final List<String> NAMESPACE = IS_ROOT
            ? List.of("unshare", "--mount")
            : List.of("unshare", "--mount", "--user", "--map-root-user");
    /** The root, whether it is read-only, and mounts; then, after "--", a command. */
    private static final String SCRIPT = """
            set -e
            root=$1
            mount --bind "$root" "$root"
            for folder in proc dev sys; do
              mount --rbind "/$folder" "$root/$folder"
            done
            if [ "$2" = true ]; then
              mount -o remount,bind,ro "$root"
            fi
            shift 2
            while [ "$1" != -- ]; do
              folder=$root${1%%:*}
              owner=$(stat -c uid=%u,gid=%g "$folder")
              mount -t tmpfs -o "noexec,nosuid,nodev,$owner,${1#*:}" tmpfs "$folder"
              shift
            done
            shift
            exec "$@"
            """;

    static boolean isPossible() throws InterruptedException {
        return succeeds("dpkg-query", "-s", "fontconfig", "fonts-dejavu-core", "fonts-nanum")
                && succeeds(with(NAMESPACE, "mount", "--bind", "/", "/"));
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static String[] with(List<String> prefix, String... command) {
        var words = new ArrayList<>(prefix);
        words.addAll(List.of(command));
        return words.toArray(String[]::new);
    }

    /** The process that this starts becomes that of the command. */
    List<String> command(List<String> command) throws IOException {
        for (String folder : List.of("proc", "dev", "sys")) {
            Files.createDirectories(root.resolve(folder));
        }
        var words = new ArrayList<>(NAMESPACE);
        words.addAll(List.of("sh", "-c", SCRIPT, "sh", root.toString(), String.valueOf(readOnly)));
        words.addAll(mounts);
        words.add("--");
        if (IS_ROOT) {
            words.addAll(List.of("setpriv", "--clear-groups", "--no-new-privs"));
        }
        words.addAll(List.of("unshare", "--root=" + root, "--wd=" + workdir));
        words.addAll(asUser());
        words.addAll(command);
        return words;
    }

    /** Another process beside a running one, as {@code docker exec} and health checks are. */
    List<String> beside(long pid, List<String> command) {
        var words = new ArrayList<>(List.of("nsenter", "--target=" + pid, "--mount", "--root", "--wd"));
        if (!IS_ROOT) {
            words.addAll(List.of("--user", "--preserve-credentials"));
        }
        words.addAll(asUser());
        words.addAll(command);
        return words;
    }

    /** Only root can become somebody else. */
    private List<String> asUser() {
        int colon = user.indexOf(':');
        return IS_ROOT && colon > 0
                ? List.of("--setgid=" + user.substring(colon + 1), "--setuid=" + user.substring(0, colon), "--")
                : List.of("--");
    }
}
