package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Adder;
import com.acme.itests.Notes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;

/** Grants in files, read by File Install: what cannot be read grants nothing, first and later, and says why. */
class GrantFilesTest extends FolderTest {
    private static final String GOOD =
            "plugin=\"adder\"\nallow=\"(sallyport.module\\=notes)\"\noffer=[\"com.acme.itests.Adder\"]\n";
    private int edits;

    @BeforeEach
    void offerNotes() throws Exception {
        offer("notes", Notes.class, (caller, value) -> {});
        start("adder", services(Adder.class));
    }

    /** File Install sees seconds. */
    private void write(String name, String contents) throws Exception {
        var file = Files.write(work.resolve(name), contents.getBytes(StandardCharsets.ISO_8859_1));
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(
                1_000_000_000_000L + 2_000L * edits++));
        Files.move(file, folder.resolve(name), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private void isRefusedWith(String reason) throws Exception {
        eventually(() -> run("grants").contains("REFUSED"));
        assertThat(run("grants")).contains(reason);
        becomes("adder", PluginState.UNSATISFIED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "cfg    | memory = 16m                      | memory must be a number",
        "cfg    | memory =                          | memory must be a number",
        "cfg    | memory = 1e6                      | memory must be a number",
        "cfg    | memory = 99999999999999999999     | memory must be a number",
        "cfg    | timeout = 50ms                    | timeout must be a number",
        "cfg    | timeout = 50 # ms                 | timeout must be a number",
        "cfg    | location = ${no.such.property}    | location is empty",
        "cfg    | functions = ,                     | functions is empty",
        "cfg    | Allow = (a=b)                     | its file cannot be read: Key [allow] already present in different case",
        "cfg    | allow = (a=                       | allow is no LDAP filter",
        "config | memory=\"16m\"                    | memory must be a number",
        "config | memory=B\"true\"                  | memory must be a number",
        "config | memory=D\"1e6\"                   | its file cannot be read: For input string",
        "config | memory=[\"16\"]                   | memory must be a number",
        "config | memory=L\"16m\"                   | its file cannot be read: ",
        "config | location=[]                       | location must be one text, found the array []",
        "config | location=[\"test:*\",\"x:*\"]     | location must be one text",
        "config | functions=[]                      | functions is empty",
        "config | offer=I[\"5\"]                    | offer must be names",
        "config | Allow=\"(a\\=b)\"                 | its file cannot be read: Key [allow] already present in different case",
    })
    void whatCannotBeReadGrantsNothing(String form, String line, String reason) throws Exception {
        String name = "org.sallyport.grant-adder." + form;
        String good = form.equals("config") ? GOOD : "plugin = adder\nallow = (sallyport.module=notes)\noffer = com.acme.*\n";
        write(name, good);
        Adder adder = service(Adder.class, "adder");
        assertThat(adder.add(1, 2)).isEqualTo(3);

        write(name, good + line + "\n");
        isRefusedWith(reason);
        assertThatThrownBy(() -> adder.add(1, 2)).isInstanceOf(PluginUnavailableException.class);
        write(name, good);
        assertThat(service(Adder.class, "adder").add(1, 2)).as("mended to what it was").isEqualTo(3);
        assertThat(run("grants")).doesNotContain("REFUSED");

        Files.delete(folder.resolve(name));
        becomes("adder", PluginState.UNSATISFIED);
        eventually(() -> run("grants").startsWith("no grants"));
        write(name, good + line + "\n");
        isRefusedWith(reason);
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);
    }

    /** The reason is that of the file as it is, not of an edit before. */
    @Test
    void theReasonIsThatOfTheLastEdit() throws Exception {
        String name = "org.sallyport.grant-adder.cfg";
        write(name, "plugin = adder\nallow = (sallyport.module=notes)\nmemory = 16m\n");
        isRefusedWith("memory must be a number");
        write(name, "plugin = adder\nallow = (sallyport.module=notes)\nmemory = 1677\nMemory = 1\n");
        eventually(() -> run("grants").contains("already present in different case"));
        write(name, "plugin = adder\nallow = (sallyport.module=notes)\nmemroy = 1\n");
        eventually(() -> run("grants").contains("unknown key memroy"));
        assertThat(plugin("adder").state()).isEqualTo(PluginState.UNSATISFIED);
    }

    /** Mended to something narrower than what was in force before the edit that could not be read. */
    @Test
    void whatWasInForceBeforeDoesNotComeBack() throws Exception {
        String name = "org.sallyport.grant-adder.cfg";
        write(name, "plugin = adder\nallow = (sallyport.module=notes)\noffer = com.acme.*\n");
        service(Adder.class, "adder");
        write(name, "plugin = adder\nallow = (sallyport.module=notes)\nAllow = (a=b)\n");
        isRefusedWith("already present in different case");

        write(name, "plugin = adder\nlocation = other:*\nallow = (sallyport.module=notes)\n");
        eventually(() -> !run("grants").contains("REFUSED"));
        stays(() -> plugin("adder").state() == PluginState.UNSATISFIED);
        assertThat(plugin("adder").unsatisfied().getFirst().reason()).contains("names the location other:*");
    }
}
