package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleFormTest {
    @ParameterizedTest
    @CsvSource({
        "0061736d01000000, BINARY", "0061736d0d000100, COMPONENT", "0061736d0d0001, BINARY", "00, BINARY", "0061736d, BINARY",
        "'', EMPTY", "7f454c46, OTHER", "006173, BINARY", "006174, OTHER", "20, OTHER", "efbbbf28, OTHER"
    })
    void isToldByTheFirstBytes(String hex, ModuleForm form) {
        assertThat(ModuleForm.of(HexFormat.of().parseHex(hex))).isEqualTo(form);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void textBeginsWithAParenthesisOrAComment() {
        assertThat(ModuleForm.of(text(" \r\n\t(module)"))).isEqualTo(ModuleForm.TEXT);
        assertThat(ModuleForm.of(text(";; module"))).isEqualTo(ModuleForm.TEXT);
        assertThat(ModuleForm.of(text("module"))).isEqualTo(ModuleForm.OTHER);
    }

    @Test
    void showsHowItBegins() {
        assertThat(ModuleForm.describe(text("int main(void) {\n")))
                .isEqualTo("is no WebAssembly; it begins with \"int main(void) {\"");
        assertThat(ModuleForm.describe(text("\u001b[31m" + "x".repeat(100))))
                .isEqualTo("is no WebAssembly; it begins with the bytes 1b 5b 33 31 6d 78 78 78 78 78 78 78 78 78 78 78");
        assertThat(ModuleForm.describe(new byte[0])).isEqualTo("is empty");
    }
}
