import { simulatorInMemory, simulatorOverHttps } from "./simulatorTarget.ts";
import { describeContract } from "./suite.ts";

describeContract("the simulator in memory", { http: false }, simulatorInMemory);
describeContract("the simulator over HTTPS", { http: true }, simulatorOverHttps);
