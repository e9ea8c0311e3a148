package org.sallyport.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.host.UnsatisfiedImport.Kind;
import org.sallyport.wasm.FuncType;

class UnsatisfiedImportTest {
    private static final String RUDE = "\u001b[2J\nplugin good is ACTIVE\u202e";

    @Test
    void namesAndReasonsAreForTerminals() {
        ImportType wanted = new ImportType(
                RUDE, "x".repeat(1000) + RUDE, new EntityType.Func(new FuncType(List.of(), List.of())));
        UnsatisfiedImport missing = new UnsatisfiedImport(wanted, Kind.NO_SERVICE, "none matches \u001b[31m");

        assertThat(missing.reason()).isEqualTo("none matches \\u{1b}[31m");
        assertThat(missing.toString())
                .startsWith("\"\\u{1b}[2J\\u{a}plugin good is ACTIVE\\u{202e}\" \"xxx")
                .hasSizeLessThan(400);
        assertThat(new AccessDeniedException("p", RUDE, "gone")).hasMessage(
                "plugin p may not call \\u{1b}[2J\\u{a}plugin good is ACTIVE\\u{202e}: gone");
        assertThat(new UnsatisfiedOffer("com.acme.Discount", UnsatisfiedOffer.Kind.NEVER, RUDE).reason())
                .doesNotContain("\u001b");
    }
}
