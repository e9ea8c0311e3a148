package org.sallyport.itests.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Servers that are tried by hand: not part of the build. */
final class OtherServers {
    private OtherServers() {}

    /** @param archive {@code glassfish} of {@code org.glassfish.main.distributions}, which is unpacked below {@code target} */
    static Server glassFish(Path archive) throws IOException {
        Path home = Server.unpacked(archive);
        return new Server(home, Server.freePorts(4)) {
            private Path domain() {
                return home.resolve("glassfish/domains/domain1");
            }

            /** All that listens does so on loopback; JMS and IIOP start when somebody needs them. */
            @Override
            void prepare(List<Integer> ports) throws IOException {
                Path file = domain().resolve("config/domain.xml");
                String text = Files.readString(file)
                        .replace("<network-listener port=\"8080\"", listener(ports.get(0)))
                        .replace("<network-listener port=\"8181\"", listener(ports.get(1)))
                        .replace("<network-listener port=\"4848\"", listener(ports.get(2)))
                        .replace("port=\"8686\"", "port=\"" + ports.get(3) + "\"")
                        .replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"")
                        .replaceFirst("<jvm-options>-Xmx512m</jvm-options>", Stream.of(JAVA_OPTIONS.split(" "))
                                .map("<jvm-options>%s</jvm-options>"::formatted)
                                .reduce("", String::concat));
                Files.writeString(file, text);
            }

            private static String listener(int port) {
                return "<network-listener address=\"127.0.0.1\" port=\"" + port + "\"";
            }

            @Override
            List<String> command(List<Integer> ports) {
                return List.of(home.resolve("bin/startserv").toString(), "domain1");
            }

            @Override
            Map<String, String> environment() {
                return Map.of("AS_JAVA", System.getProperty("java.home"));
            }

            @Override
            public Path deployments() {
                return domain().resolve("autodeploy");
            }
        };
    }

    /**
     * Deploys at its start only.
     *
     * @param jar {@code payara-micro}
     * @param archives in the folder that becomes its home, to be deployed
     */
    static Server payaraMicro(Path jar, Path folder, List<Path> archives) throws IOException {
        return new Server(folder, Server.freePorts(1)) {
            @Override
            void prepare(List<Integer> ports) throws IOException {
                Files.writeString(folder.resolve("before.txt"), "set configs.config.server-config.network-config"
                        + ".network-listeners.network-listener.http-listener.address=127.0.0.1\n");
            }

            @Override
            List<String> command(List<Integer> ports) {
                List<String> command = new ArrayList<>();
                command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
                command.addAll(List.of(JAVA_OPTIONS.split(" ")));
                command.addAll(List.of("-jar", jar.toString(), "--prebootcommandfile", "before.txt", "--port", "" + ports.get(0),
                        "--nocluster", "--nohostaware", "--disablephonehome", "--rootdir", "root"));
                archives.forEach(archive -> command.addAll(List.of("--deploy", archive.toString())));
                return command;
            }

            @Override
            Map<String, String> environment() {
                return Map.of();
            }

            @Override
            public Path deployments() {
                return folder;
            }
        };
    }
}
