import { describe, expect, it } from "vitest";
import { mergePatchText } from "./mergePatchText.ts";

describe("a merge patch on an annotation's text", () => {
  it.each([
    [
      "sorts the keys of objects that took part and no others",
      '{"b":1,"a":{"y":1,"x":2}}',
      '{"c":{"n":null,"k":3}}',
      '{"a":{"y":1,"x":2},"b":1,"c":{"k":3}}',
    ],
    ["deletes members", '{"a":1,"b":2}', '{"a":null}', '{"b":2}'],
    ["keeps null members it does not speak of", '{"a":null}', '{"b":1}', '{"a":null,"b":1}'],
    [
      "keeps numbers as they were written",
      '{"a":1.0,"b":12345678901234567890}',
      '{"c":1e3}',
      '{"a":1.0,"b":12345678901234567890,"c":1e3}',
    ],
    [
      "prunes nulls also inside lists, whose null elements stay",
      "{}",
      '{"l":[null,{"x":null,"b":1,"a":2}]}',
      '{"l":[null,{"a":2,"b":1}]}',
    ],
    ["a list replaces everything", '{"a":1}', '[{"x":null}]', "[{}]"],
    ["replaces what is no object", "[1,2]", '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ["replaces a scalar member by an object", '{"a":1}', '{"a":{"b":null,"c":2}}', '{"a":{"c":2}}'],
    ["escapes what is unsafe in HTML", '{"a":"x<y"}', '{"b":"&>"}', '{"a":"x\\u003cy","b":"\\u0026\\u003e"}'],
    [
      "keeps escapes and separators within texts",
      '{"a":"\\"{,:}[]\\\\"}',
      '{"b":" "}',
      '{"a":"\\"{,:}[]\\\\","b":" "}',
    ],
    ["drops white space", '{ "a" : [ 1 , 2 ] }', '{\n"b" :\ttrue}', '{"a":[1,2],"b":true}'],
  ])("%s", (_, existing, patch, expected) => {
    expect(mergePatchText(existing, patch)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ["no json", "{}", "the annotation cannot be merged: it is not JSON"],
    ["null", "{}", "the annotation cannot be merged: it is null"],
    ["{}", "{", "the patch cannot be used: it is not JSON"],
    ["{}", "null", "the patch cannot be used: it is neither an object nor a list"],
    ["{}", '"text"', "the patch cannot be used: it is neither an object nor a list"],
    ["{}", "[".repeat(600) + "]".repeat(600), "the patch cannot be used: it is nested more than 500 levels deep"],
  ])("%s with %s is refused", (existing, patch, error) => {
    expect(mergePatchText(existing, patch)).toEqual({ ok: false, error });
  });

  it("is the same when it is applied again", () => {
    const patch = '{"a":{"b":null,"c":[{"d":null}]},"e":null}';
    const once = mergePatchText('{"e":1,"a":{"b":1,"z":0}}', patch);
    expect(once).toEqual({ ok: true, value: '{"a":{"c":[{}],"z":0}}' });
    expect(mergePatchText(once.ok ? once.value : "", patch)).toEqual(once);
  });
});
