package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.itests.support.Binary;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.LocalRun;
import org.sallyport.wasm.WasmModule.Mode;

class BinaryLoaderTest {
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private final Loader loader = new BinaryLoader();

    private WasmModule load(Binary binary) {
        return loader.load(binary.toBytes(), ALL, LoadLimits.DEFAULT);
    }

    @Test
    void emptyModule() {
        WasmModule module = load(Binary.module());
        assertThat(module.types()).isEmpty();
        assertThat(module.bodies()).isEmpty();
        assertThat(module.start()).isEqualTo(WasmModule.NO_START);
        assertThat(module.dataCount()).isEqualTo(-1);
        assertThat(module.names()).isEqualTo(Names.NONE);
        assertThat(module.codeSection()).isEqualTo(WasmModule.Range.EMPTY);
    }

    @Test
    void typesAndGroups() {
        // func (i32) -> (i64), a group of an open structure and an array of references to it
        WasmModule module = load(Binary.module().section(1, "02 60017f017e 4e02 50005f01 7801 4f0100 5e 640100"));
        assertThat(module.recGroups()).containsExactly(new RecGroup(0, 1), new RecGroup(1, 2));
        assertThat(module.types().get(0).composite()).isEqualTo(FuncType.of(List.of(NumType.I32), NumType.I64));
        assertThat(module.types().get(0).isFinal()).isTrue();
        assertThat(module.types().get(1).isFinal()).isFalse();
        assertThat(module.types().get(2).supertypes()).containsExactly(0);
    }

    @Test
    void importsOfEveryKind() {
        WasmModule module = load(Binary.module()
                .section(1, "01 600000")
                .section(2, "05 0161 0162 00 00  0161 00 01 70 01 02 03  00 00 02 05 01 02  00 00 03 7f 01  00 00 04 00 00"));
        assertThat(module.imports()).extracting(i -> i.type().kind()).containsExactly(ExternKind.values());
        assertThat(module.imports().getFirst().module()).isEqualTo("a");
        assertThat(module.imports().getFirst().name()).isEqualTo("b");
        ExternType.Memory memory = (ExternType.Memory) module.imports().get(2).type();
        assertThat(memory.type().address()).isEqualTo(AddressType.I64);
        assertThat(memory.type().limits()).hasToString("1 2");
        assertThat(module.importCount(ExternKind.GLOBAL)).isEqualTo(1);
    }

    @Test
    void memoryTypes() {
        WasmModule module = load(Binary.module().section(5, "04 00 01  03 00 ffffffff0f  08 05 00  07 00 80808080808040"));
        assertThat(module.memories()).extracting(MemoryType::shared).containsExactly(false, true, false, true);
        assertThat(module.memories()).extracting(MemoryType::pageSizeLog2).containsExactly(16, 16, 0, 16);
        assertThat(module.memories().get(1).limits().max()).isEqualTo(0xFFFF_FFFFL);
        assertThat(module.memories().get(3).limits().max()).isEqualTo(1L << 48);
    }

    @Test
    void tablesWithAndWithoutInitializer() {
        WasmModule module = load(Binary.module().section(4, "02 70 00 05  4000 6470 00 03 d2000b"));
        assertThat(module.tables().get(0).init()).isNull();
        WasmModule.Expr init = module.tables().get(1).init();
        assertThat(init).isNotNull();
        assertThat(init.end() - init.start()).isEqualTo(3);
        assertThat(module.tables().get(1).type().element().nullable()).isFalse();
    }

    @Test
    void elementSegmentsOfEveryForm() {
        WasmModule module = load(Binary.module().section(9, "08"
                + "00 41000b 02 00 01"
                + "01 00 01 05"
                + "02 03 41000b 00 01 05"
                + "03 00 00"
                + "04 41000b 01 d2000b"
                + "05 6f 01 d06f0b"
                + "06 03 41000b 70 00"
                + "07 70 02 d0700b d2000b"));
        List<ElementSegment> segments = module.elements();
        assertThat(segments.get(0).funcs()).containsExactly(0, 1);
        assertThat(segments.get(0).type()).hasToString("(ref func)");
        assertThat(segments.get(1).mode()).isInstanceOf(Mode.Passive.class);
        assertThat(((Mode.Active) segments.get(2).mode()).index()).isEqualTo(3);
        assertThat(segments.get(3).mode()).isInstanceOf(Mode.Declarative.class);
        assertThat(segments.get(4).type()).isEqualTo(RefType.FUNCREF);
        assertThat(segments.get(5).type()).isEqualTo(RefType.EXTERNREF);
        assertThat(((Mode.Active) segments.get(6).mode()).index()).isEqualTo(3);
        assertThat(segments.get(7).mode()).isInstanceOf(Mode.Declarative.class);
        assertThat(segments).extracting(ElementSegment::size).containsExactly(2, 1, 1, 0, 1, 1, 0, 2);
    }

    @Test
    void dataSegmentsOfEveryForm() {
        WasmModule module = load(Binary.module()
                .section(12, "03")
                .section(11, "03 00 41000b 02 aabb  01 00  02 05 41000b 01 cc"));
        assertThat(module.dataCount()).isEqualTo(3);
        assertThat(module.data()).extracting(d -> d.bytes().length()).containsExactly(2, 0, 1);
        assertThat(module.binary()[module.data().get(0).bytes().start()]).isEqualTo((byte) 0xAA);
        assertThat(((Mode.Active) module.data().get(2).mode()).index()).isEqualTo(5);
    }

    @Test
    void constantExpressionsMayNest() {
        WasmModule module = load(Binary.module().section(6, "01 7f00 0240 0340 0b 0b 4100 0b"));
        WasmModule.Expr init = module.globals().getFirst().init();
        assertThat(init.end() - init.start()).isEqualTo(9);
    }

    @Test
    void bodiesWithLocals() {
        Binary binary = Binary.module()
                .section(1, "01 600000")
                .section(3, "02 00 00")
                .section(10, "02 02 00 0b 08 02 03 7f 80017e 01 0b");
        WasmModule module = load(binary);
        assertThat(module.functions()).containsExactly(0, 0);
        assertThat(module.bodies().get(0).locals()).isEmpty();
        assertThat(module.bodies().get(1).locals())
                .containsExactly(new LocalRun(3, NumType.I32), new LocalRun(128, NumType.I64));
        assertThat(module.bodies().get(1).end()).isEqualTo(binary.toBytes().length);
        assertThat(module.bodies().get(1).end() - module.bodies().get(1).code()).isEqualTo(2);
        assertThat(module.codeSection().end()).isEqualTo(binary.toBytes().length);
    }

    @Test
    void customSectionsKeepTheirPlace() {
        WasmModule module = load(Binary.module().custom("a", "01").section(1, "00").custom("b", "").custom("a", "0203"));
        assertThat(module.customSections()).extracting(c -> c.name()).containsExactly("a", "b", "a");
        assertThat(module.customSections()).extracting(c -> c.place()).containsExactly(0, 1, 1);
        assertThat(module.customSections()).extracting(c -> c.contents().length()).containsExactly(1, 0, 2);
    }

    private static Binary threeFunctions() {
        return Binary.module()
                .section(1, "01 600000")
                .section(2, "01 00 00 00 00")
                .section(3, "02 00 00")
                .section(10, "02 02000b 02000b");
    }

    @Test
    void names() {
        // module "m", unknown subsection, functions 0 "f", 2 "h", and 9, which does not exist
        WasmModule module = load(threeFunctions().custom("name", "00 02 016d  07 01 ff  01 0a 03 00 0166 02 0168 09 0178"));
        assertThat(module.names().module()).isEqualTo("m");
        assertThat(module.names().functions()).containsOnlyKeys(0, 2);
        assertThat(module.names().function(2)).isEqualTo("h");
        assertThat(module.names().function(1)).isEqualTo("func[1]");
    }

    @Test
    void malformedNamesAreIgnored() {
        for (String contents : List.of("00 05 016d", "01 03 ff ff ff", "00 03 02 c0 80", "01 05 ffffffff0f", "01")) {
            WasmModule module = load(threeFunctions().custom("name", contents));
            assertThat(module.names()).as(contents).isEqualTo(Names.NONE);
            assertThat(module.customSections()).hasSize(1);
        }
    }

    @Test
    void longNamesAreCut() {
        byte[] name = Binary.repeat(new byte[] {'x'}, 5000);
        byte[] entry = Binary.join(Binary.hex("0100"), Binary.leb(name.length), name);
        byte[] contents = Binary.join(Binary.hex("046e616d65 01"), Binary.leb(entry.length), entry);
        WasmModule module = load(threeFunctions().section(0, contents));
        assertThat(module.names().function(0)).hasSize(1001);
    }

    @Test
    void messageSaysWhatWhereAndWhatNext() {
        Binary binary = Binary.module().section(2, "02 0161 0162 03 7f 00  0161 0163 03 7f 05");
        assertThatThrownBy(() -> load(binary))
                .isInstanceOfSatisfying(MalformedModuleException.class, e -> {
                    assertThat(e.specText()).isEqualTo("malformed mutability");
                    assertThat(e.place().section()).isEqualTo("import");
                    assertThat(e.place().entry()).isEqualTo(1);
                    assertThat(e.place().offset()).isEqualTo(0x18);
                })
                .hasMessage("""
                        malformed mutability: 0x5
                          in import[1] at 0x18
                          The producer emitted a damaged binary; rebuild it or report it.""");
    }

    @Test
    void doesNotCopyTheBinary() {
        byte[] bytes = Binary.module().toBytes();
        assertThat(loader.load(bytes, ALL, LoadLimits.DEFAULT).binary()).isSameAs(bytes);
    }
}
