package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.SECTION_ID;
import static org.sallyport.wasm.Malformed.SECTION_ORDER;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.ModuleDescription.Fault;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.ForeignProposal;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Range;

/**
 * Reads a binary as far as that goes, each section for itself and within its own end, with all proposals on. Used once.
 * What {@link DecodeModule} would refuse altogether is kept as a fault here. Of sections of one kind only the first is
 * read, so {@link LoadLimits} hold for all of them; what is listed beside them has limits here.
 */
final class DescribeModule {
    private static final int HEADER_BYTES = 8;
    /** Sections that are listed; the first of each known kind comes on top. */
    static final int MAX_SECTIONS = 4000;
    /** Faults that are listed; what was left out comes on top. */
    static final int MAX_FAULTS = 4000;

    private final byte[] binary;
    private final DecodeModule decoder;
    private final Context context;
    private final ByteReader in;
    private final List<ModuleDescription.Section> sections = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<Section> read = EnumSet.noneOf(Section.class);
    private final FindNeeds needs;
    private int sectionsLeftOut;
    private int firstLeftOut;
    private int faultsLeftOut;

    DescribeModule(byte[] binary, LoadLimits limits) {
        this.binary = binary;
        decoder = new DecodeModule(binary, EnumSet.allOf(Feature.class), limits, CompileBudget.unlimited());
        context = decoder.context;
        in = decoder.in;
        needs = new FindNeeds(binary, this::fault);
    }

    ModuleDescription describe() {
        boolean isModule = tried("header", HEADER_BYTES, decoder::header);
        if (isModule) {
            sections();
        }
        WasmModule found = decoder.found();
        if (isModule) {
            needs.of(found);
        }
        leftOut();
        return new ModuleDescription(List.copyOf(sections), found, needs.all(), List.copyOf(faults));
    }

    /** Says first what is not told. */
    private void leftOut() {
        if (faultsLeftOut > 0) {
            note(faultsLeftOut + " more faults are not listed", binary.length);
        }
        if (sectionsLeftOut > 0) {
            note(sectionsLeftOut + " more sections are neither listed nor read", firstLeftOut);
        }
    }

    private void note(String what, int offset) {
        faults.addFirst(new Fault(what, new BinaryPlace("module", -1, null, offset), null));
    }

    private interface Step {
        void run();
    }

    /** Whether nothing was wrong; goes on at {@code next} in any case. */
    private boolean tried(String where, int next, Step step) {
        boolean done = false;
        context.enter(where);
        try {
            step.run();
            done = true;
        } catch (MalformedCodeException e) {
            fault(e, context.place(e.offset()));
        } catch (LimitExceededException e) {
            fault(new Fault(String.valueOf(e.getMessage()), context.place(in.position()), null));
        }
        in.reset(Math.min(next, binary.length), binary.length);
        return done;
    }

    private void fault(Fault fault) {
        if (faults.size() < MAX_FAULTS) {
            faults.add(fault);
        } else {
            faultsLeftOut++;
        }
    }

    private void fault(MalformedCodeException e, BinaryPlace place) {
        String what = e.specText() + (e.detail().isEmpty() ? "" : ": " + e.detail());
        fault(new Fault(what, place, e.proposal()));
        if (e.proposal() != null) {
            int function = place.section().equals(Section.CODE.text) ? place.entry() : FindNeeds.OUTSIDE;
            needs.need(e.proposal(), e.detail().isEmpty() ? e.specText() : e.detail(), function, place);
        }
    }

    private void sections() {
        int previous = -1;
        while (in.hasNext()) {
            int at = in.position();
            Range range = next();
            if (range == null) {
                return;
            }
            int id = binary[at] & 0xFF;
            Section section = Section.of(id);
            boolean isNew = section != null && read.add(section);
            if (!isNew && sections.size() >= MAX_SECTIONS) {
                leaveOut(at, range);
                continue;
            }
            int place = previous < 0 ? 0 : Section.values()[previous].id;
            sections.add(new ModuleDescription.Section(name(id, section, range), range.start(), range.length()));
            tried(section == null ? "module" : section.text, range.end(), () -> {
                if (section != null && isNew) {
                    decoder.contents(section, range);
                    context.endOfSection(range.end());
                } else if (section != null) {
                    in.skip(range.length());
                } else if (id == Section.CUSTOM_ID) {
                    decoder.custom(range, place);
                } else {
                    throw new MalformedCodeException(
                            SECTION_ID, at, Integer.toString(id), ForeignProposal.ofSection(id));
                }
            });
            if (section != null && section.ordinal() <= previous) {
                tried("module", range.end(), () -> {
                    String detail = section.text + (isNew ? " section" : " section, not read again");
                    throw new MalformedCodeException(SECTION_ORDER, at, detail);
                });
            } else if (section != null) {
                previous = section.ordinal();
            }
        }
    }

    private void leaveOut(int at, Range range) {
        if (sectionsLeftOut++ == 0) {
            firstLeftOut = at;
        }
        in.reset(range.end(), binary.length);
    }

    /** The extent of the next section, which {@link #in} then is at the start of; null where its size makes no sense. */
    private @Nullable Range next() {
        Range[] range = new Range[1];
        boolean sized = tried("module", binary.length, () -> {
            in.u8();
            range[0] = in.sized();
        });
        if (sized) {
            in.reset(range[0].start(), range[0].end());
        }
        return range[0];
    }

    private String name(int id, @Nullable Section section, Range range) {
        if (section != null) {
            return section.text;
        }
        if (id != Section.CUSTOM_ID) {
            return "section " + id;
        }
        try {
            return "custom \"" + new ByteReader(binary, range.start(), range.end()).name() + "\"";
        } catch (MalformedCodeException e) {
            return "custom";
        }
    }
}
