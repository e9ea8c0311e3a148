package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A user's machine: a home, a Java 25, and no tree of Sallyport. Counts the commands that were needed. */
final class Machine {
    private static final long PATIENCE_SECONDS = 300;

    final Path home;
    /** What commands find in their environment, and nothing else. */
    final Map<String, String> environment = new HashMap<>();
    private final Path settings;

    Machine(Path folder) throws IOException {
        home = Files.createDirectories(folder.resolve("home"));
        environment.putAll(Map.of(
                "PATH", "/usr/local/bin:/usr/bin:/bin", "HOME", home.toString(), "JAVA_HOME", Built.javaHome(),
                "LC_ALL", "C.UTF-8",
                "SALLYPORT_AOT", "off")); // nothing in the background when a test is over
        settings = Files.writeString(folder.resolve("settings.xml"), """
                <settings>
                  <localRepository>%s</localRepository>
                  <profiles>
                    <profile>
                      <id>published</id>
                      <repositories>%s%s</repositories>
                      <pluginRepositories>%s</pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>published</activeProfile></activeProfiles>
                </settings>
                """.formatted(home.resolve("repository"),
                repository("repository", "published", Built.REPOSITORY),
                repository("repository", "others", others()),
                repository("pluginRepository", "others", others())));
    }

    /** Plugins of Maven and what they need: those that this build has used. */
    private static Path others() {
        return Path.of(System.getProperty("maven.repository"));
    }

    /** A file that this build has used, of somebody else's artefact. */
    static Path fromOthers(String groupId, String artifactId, String version, String suffix) {
        return others().resolve(groupId.replace('.', '/')).resolve(artifactId).resolve(version)
                .resolve(artifactId + "-" + version + suffix);
    }

    private static String repository(String element, String id, Path folder) {
        return "<%1$s><id>%2$s</id><url>%3$s</url><snapshots><enabled>true</enabled></snapshots></%1$s>"
                .formatted(element, id, folder.toUri());
    }

    record Ran(int status, String output) {
        List<String> lines() {
            return output.lines().toList();
        }

        Ran well() {
            assertThat(status).as(output).isZero();
            return this;
        }
    }

    /** Maven with an empty local repository at first; nothing comes from a network. */
    Ran maven(Path project, String... goals) throws IOException, InterruptedException {
        String mvn = Path.of(System.getProperty("maven.home"), "bin", "mvn").toString();
        List<String> command = Stream.concat(
                        Stream.of(mvn, "-B", "-ntp", "-q", "-o", "-Daether.offline.protocols=file", "-s", settings.toString()),
                        Arrays.stream(goals))
                .toList();
        return run(project, command);
    }

    Ran run(Path folder, String... command) throws IOException, InterruptedException {
        return run(folder, List.of(command));
    }

    Ran run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(home, "output", ".txt");
        Process process = process(folder, command, output);
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        String text = Files.readString(output);
        assertThat(ended).as("%s ends; it said: %s", command, text).isTrue();
        return new Ran(process.exitValue(), text);
    }

    /** Started, with an environment that knows nothing of this build. */
    Process process(Path folder, List<String> command, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }
}
