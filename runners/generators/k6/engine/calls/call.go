// Package calls makes unary gRPC calls for the scripts of the engine: by k6's own
// version of grpc-go, over one connection for each VU, with the names, certificates
// and addresses of k6's options.
//
// It is not k6/net/grpc, for what that can't tell or does otherwise: when a call was
// written, why there is no connection (a certificate that is not trusted is tried
// again until the time is up), and that it tries to connect for each call instead of
// failing calls untried while it backs off. It also compiles .proto files once, not
// once for each VU.
package calls

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Call is one, ready to be made any number of times.
type Call struct {
	service  *Service
	method   string
	message  []byte
	metadata metadata.MD
	deadline time.Duration
	output   protoreflect.MessageDescriptor
}

// Prepare makes a call of "package.Service/Method" with a message in JSON, as
// protobuf maps it.
func (s *Service) Prepare(method, message string, md map[string]string, deadline time.Duration) (*Call, error) {
	descriptor, err := s.method(method)
	if err != nil {
		return nil, err
	}
	built := dynamicpb.NewMessage(descriptor.Input())
	if err := (protojson.UnmarshalOptions{Resolver: s.types}).Unmarshal([]byte(message), built); err != nil {
		return nil, fmt.Errorf("the message is no %s: %s", descriptor.Input().FullName(), reason(err))
	}
	binary, err := proto.Marshal(built)
	if err != nil {
		return nil, fmt.Errorf("the message is no %s: %s", descriptor.Input().FullName(), reason(err))
	}
	return &Call{s, method, binary, metadata.New(md), deadline, descriptor.Output()}, nil
}

// reason is protobuf's, without the space that it deliberately varies.
func reason(err error) string {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	return strings.TrimPrefix(text, "proto: ")
}

// text is an answer in JSON, without white space.
func (c *Call) text(answer []byte) (string, error) {
	message := dynamicpb.NewMessage(c.output)
	if err := (proto.UnmarshalOptions{Resolver: c.service.types}).Unmarshal(answer, message); err != nil {
		return "", err
	}
	spaced, err := protojson.MarshalOptions{EmitUnpopulated: true, Resolver: c.service.types}.Marshal(message)
	if err != nil {
		return "", err
	}
	var compact bytes.Buffer
	err = json.Compact(&compact, spaced) // protobuf varies its white space deliberately
	return compact.String(), err
}

// names of the codes in the words of the specification.
var names = map[codes.Code]string{ //nolint:gochecknoglobals
	codes.OK: "OK", codes.Canceled: "CANCELLED", codes.Unknown: "UNKNOWN", codes.InvalidArgument: "INVALID_ARGUMENT",
	codes.DeadlineExceeded: "DEADLINE_EXCEEDED", codes.NotFound: "NOT_FOUND", codes.AlreadyExists: "ALREADY_EXISTS",
	codes.PermissionDenied: "PERMISSION_DENIED", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
	codes.FailedPrecondition: "FAILED_PRECONDITION", codes.Aborted: "ABORTED", codes.OutOfRange: "OUT_OF_RANGE",
	codes.Unimplemented: "UNIMPLEMENTED", codes.Internal: "INTERNAL", codes.Unavailable: "UNAVAILABLE",
	codes.DataLoss: "DATA_LOSS", codes.Unauthenticated: "UNAUTHENTICATED",
}

func nameOf(code codes.Code) string {
	if name, ok := names[code]; ok {
		return name
	}
	return fmt.Sprintf("CODE_%d", code)
}
